import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { appendFrame, type AppendResult } from '@wisp/protocol';
import { openHostileProxy, openWorld, type HostileProxy, type World } from '@wisp/test-world';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { openBrowser, Visitor } from './browser.js';

let world: World;
let proxy: HostileProxy;
let browser: Browser;
/** The server refuses things to her. */
let ada: Visitor;
let bo: Visitor;

beforeAll(async () => {
  world = await openWorld({ webFolder: fileURLToPath(new URL('../dist', import.meta.url)) });
  proxy = await openHostileProxy(world.url);
  browser = await openBrowser();
  ada = await Visitor.open(browser, { name: 'ada', url: proxy.url });
  bo = await Visitor.open(browser, { name: 'bo.strand', url: world.url });
  for (const visitor of [ada, bo]) await visitor.register();
  await ada.find('bo.strand');
  await ada.says('Hello.');
  await bo.openChat('ada');
  await bo.sees('Hello.');
}, 240_000);

afterAll(async () => {
  await browser.close();
  await proxy.close();
  await world.close();
});

describe('a server that refuses', () => {
  test('an edit: the words before it are back, a toast says so, and the next edit goes', async () => {
    await ada.timeline.getByText('Delivered').first().waitFor();
    const stop = proxy.onSend(appendFrame, ({ messages }) => ({
      kind: 'answer',
      ack: { timeline: 1, results: messages.map((): AppendResult => ({ status: 'malformed' })) },
    }));
    await ada.field.press('ArrowUp');
    await ada.field.fill('Never so.');
    await ada.field.press('Enter');
    await ada.page.getByText('The server refused your edit.').first().waitFor();
    await ada.sees('Hello.');
    await ada.seesNoMore('Never so.');
    expect(await ada.timeline.getByText('edited', { exact: true }).count()).toBe(0);

    stop();
    await ada.field.press('ArrowUp');
    await ada.field.fill('Hello again.');
    await ada.field.press('Enter');
    await bo.sees('Hello again.');
    await ada.sees('Hello again.');
  }, 60_000);

  test('nothing in the browsers complained', () => {
    expect([...ada.complaints, ...bo.complaints]).toEqual([]);
  });
});
