import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';
import type { KeptRemains, lookIntoBrowser } from './remains-probe.js';

const PROBE_PAGE = '/remains.html';
const PROBE_SCRIPT = '/remains.js';

export interface Remains {
  /** In the tab: the page, the fields, the interface's state. */
  tab: string[];
  /** In what the browser keeps for this site. */
  kept: KeptRemains;
}

/** Where one of the texts still stands, in one person's tab and in everything that their browser keeps. */
export async function lookForRemains(
  { page, context }: { page: Page; context: BrowserContext },
  texts: readonly string[],
): Promise<Remains> {
  return { tab: await page.evaluate(lookIntoTab, texts), kept: await lookIntoKept(context, page, texts) };
}

let probe: Promise<string> | null = null;

/** One module of the engine's own code; the app's page is never given it. */
async function buildProbe(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('remains-probe.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    logLevel: 'error',
  });
  return outputFiles[0]?.text ?? '';
}

async function lookIntoKept(
  context: BrowserContext,
  near: Page,
  texts: readonly string[],
): Promise<KeptRemains> {
  probe ??= buildProbe();
  const script = await probe;
  const page = await context.newPage();
  await page.route(`**${PROBE_PAGE}`, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<title>remains</title>' }),
  );
  await page.route(`**${PROBE_SCRIPT}`, (route) =>
    route.fulfill({ contentType: 'text/javascript', body: script }),
  );
  await page.goto(new URL(PROBE_PAGE, near.url()).href);
  const kept = await page.evaluate(
    async ([from, needles]) => {
      const served = (await import(from)) as { lookIntoBrowser: typeof lookIntoBrowser };
      return served.lookIntoBrowser(needles);
    },
    [PROBE_SCRIPT, texts] as const,
  );
  await page.close();
  return kept;
}

/** Evaluated in the app's tab. The store is reached through React's own handle on the page, in no build of ours. */
function lookIntoTab(texts: readonly string[]): string[] {
  interface Fiber {
    child: Fiber | null;
    sibling: Fiber | null;
    memoizedProps: { store?: { getState?: () => unknown } } | null;
  }
  const findStore = (fiber: Fiber | null): { getState?: () => unknown } | null => {
    for (let at = fiber; at; at = at.sibling) {
      if (at.memoizedProps?.store?.getState) return at.memoizedProps.store;
      const below = findStore(at.child);
      if (below) return below;
    }
    return null;
  };
  const root = document.getElementById('root') as unknown as Record<string, Fiber>;
  const handle = Object.keys(root).find((key) => key.startsWith('__reactContainer$'));
  const state = findStore((handle && root[handle]) || null)?.getState?.();
  if (!state) return ['the store was not found'];

  const shown: Record<string, string> = {
    'Redux state': JSON.stringify(state),
    page: document.documentElement.outerHTML,
    title: document.title,
    sessionStorage: JSON.stringify(sessionStorage),
    address: `${location.href} ${JSON.stringify(history.state)}`,
  };
  for (const field of document.querySelectorAll<HTMLInputElement>('input, textarea, select')) {
    shown[`field ${field.id}`] = field.value;
  }
  return Object.keys(shown).filter((place) => texts.some((text) => shown[place]?.includes(text)));
}
