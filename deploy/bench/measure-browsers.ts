import { openBrowser, Visitor } from '@wisp/web/tests/browser.js';
import type { Endings } from './endings.js';
import { Latencies } from './latencies.js';

/** Both clocks are this machine's, counted from 1970. */
const NOW = 'performance.timeOrigin + performance.now()';
const REST_MS = 300;

/**
 * From the keydown of Enter in one browser to the frame that shows the bubble in the other, in milliseconds. Two
 * people register and talk as people do; both screens show the conversation.
 */
export async function measureBrowsers(
  url: string,
  { endings, keystrokes }: { endings: Endings; keystrokes: number },
): Promise<Latencies> {
  const [ada, bo] = await Promise.all(
    ['ada.bench', 'bo.bench'].map((name) => openVisitor(name, url, endings)),
  );
  if (ada === undefined || bo === undefined) throw new Error('nobody came');
  await ada.register();
  await bo.register();
  await ada.find(bo.name);
  await ada.says('Hello.');
  await bo.openChat(ada.name);
  await bo.sees('Hello.');

  await ada.page.evaluate(`addEventListener('keydown', ({ key }) => {
    if (key === 'Enter') globalThis.enteredAt = ${NOW};
  }, true)`);
  const taken = new Latencies();
  for (let number = 1; number <= keystrokes; number += 1) {
    const text = `Message ${number} of ${keystrokes}.`;
    const shown = bo.page.evaluate<number>(untilShown(text));
    await ada.field.fill(text);
    await ada.field.press('Enter');
    taken.add((await shown) - (await ada.page.evaluate<number>('globalThis.enteredAt')));
    // People take turns; what the one before left to do isn't this one's.
    await ada.page.waitForTimeout(REST_MS);
  }
  return taken;
}

async function openVisitor(name: string, url: string, endings: Endings): Promise<Visitor> {
  const browser = await openBrowser();
  endings.add(() => browser.close());
  return Visitor.open(browser, { name, url, width: 1000 });
}

/** Evaluates to the time of the frame in which the text is on the page. */
function untilShown(text: string): string {
  return `new Promise((resolve) => {
    const look = () => {
      if (!document.querySelector('main').innerText.includes(${JSON.stringify(text)})) return false;
      observer.disconnect();
      requestAnimationFrame(() => resolve(${NOW}));
      return true;
    };
    const observer = new MutationObserver(look);
    observer.observe(document.body, { childList: true, subtree: true, characterData: true });
    look();
  })`;
}
