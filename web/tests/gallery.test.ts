import { afterAll, beforeAll, expect, test } from '@jest/globals';
import axe from 'axe-core';
import type { Browser } from 'playwright-core';
import { scenes } from '../preview/scenes.js';
import { openBrowser } from './browser.js';
import { openGallery } from './gallery-server.js';

declare global {
  interface Window {
    axe: typeof axe;
  }
}

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Each scene is looked at in one of these; together they see every width in both themes. */
const looks = [
  { viewport: { width: 1440, height: 900 }, colorScheme: 'light' },
  { viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
  { viewport: { width: 800, height: 900 }, colorScheme: 'light' },
  { viewport: { width: 1440, height: 900 }, colorScheme: 'dark' },
  { viewport: { width: 320, height: 640 }, colorScheme: 'light' },
] as const;

let gallery: Awaited<ReturnType<typeof openGallery>>;
let browser: Browser;

beforeAll(async () => {
  gallery = await openGallery();
  browser = await openBrowser();
}, 120_000);

afterAll(async () => {
  await browser.close();
  await gallery.close();
});

test.each(scenes.map(({ name }, at) => [name, looks[at % looks.length] ?? looks[0]] as const))(
  '%s: axe finds nothing, nothing overflows, the policy holds',
  async (name, look) => {
    const context = await browser.newContext(look);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.goto(`${gallery.url}/?scene=${name}`);
    await page.locator('main').waitFor();
    await page.locator('[aria-busy="true"]').waitFor({ state: 'detached' });

    await page.evaluate(axe.source);
    const found = await page.evaluate(async (rules) => {
      const { violations } = await window.axe.run(document, { runOnly: rules });
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
    }, RULES);
    expect(found).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBe(0);
    expect(complaints).toEqual([]);
    await context.close();
  },
);
