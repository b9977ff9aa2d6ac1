import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openWorld, type World } from '@wisp/test-world';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { openBrowser, Visitor } from './browser.js';
import { lookForRemains } from './look-for-remains.js';

const DAY = 24 * 60 * 60 * 1000;

let world: World;
let browser: Browser;
let lonelyBrowser: Browser;
let ada: Visitor;
/** Online to the end. */
let bo: Visitor;
/** Loses the network with the messages on the screen. */
let cleo: Visitor;
/** Their clock is a day ahead. */
let dov: Visitor;
/** Their tab is asleep while the time runs out. */
let eve: Visitor;
/** Away from before the messages are sent until after they have gone. */
let fay: Visitor;

/** Words that stand nowhere else: one that goes after 5 seconds, one after 30. */
function canaries(name: string): { short: string; long: string } {
  return { short: `canary-5-${name}-tern`, long: `canary-30-${name}-heron` };
}

beforeAll(async () => {
  world = await openWorld({ webFolder: fileURLToPath(new URL('../dist', import.meta.url)) });
  browser = await openBrowser();
  lonelyBrowser = await openBrowser();
  const { url } = world;
  ada = await Visitor.open(browser, { name: 'ada', url });
  bo = await Visitor.open(browser, { name: 'bo.strand', url });
  cleo = await Visitor.open(browser, { name: 'cleo', url });
  dov = await Visitor.open(browser, { name: 'dov', url, clockWrongBy: DAY });
  eve = await Visitor.open(lonelyBrowser, { name: 'eve', url });
  fay = await Visitor.open(browser, { name: 'fay', url });
  for (const visitor of [ada, bo, cleo, dov, eve, fay]) await visitor.register();
  for (const visitor of [bo, cleo, dov, eve, fay]) {
    await ada.find(visitor.name);
    await ada.says(`Hello ${visitor.name}.`);
    await visitor.openChat('ada');
    await visitor.sees(`Hello ${visitor.name}.`);
  }
}, 240_000);

afterAll(async () => {
  await Promise.all([browser.close(), lonelyBrowser.close()]);
  await world.close();
});

async function sendsBoth(to: Visitor): Promise<void> {
  const { short, long } = canaries(to.name);
  await ada.openChat(to.name);
  await ada.saysWithTimer(long, '30 s');
  await ada.saysWithTimer(short, '5 s');
}

async function seesBoth(visitor: Visitor): Promise<void> {
  const { short, long } = canaries(visitor.name);
  await visitor.sees(long);
  await visitor.sees(short);
}

/** Gone from the page, and then from everywhere else. */
async function nothingIsLeft(visitor: Visitor, of = [visitor]): Promise<void> {
  const texts = of.flatMap(({ name }) => Object.values(canaries(name)));
  for (const text of texts) await visitor.seesNoMore(text);
  const { tab, kept } = await lookForRemains(visitor, texts);
  expect([...tab, ...kept.found]).toEqual([]);
  expect(kept.opened).toBeGreaterThan(5);
}

describe('what has a timer is afterwards nowhere in a browser', () => {
  test('while it lives it is found wherever this test looks, and only sealed where the browser keeps it', async () => {
    await sendsBoth(bo);
    const { long } = canaries('bo.strand');
    await bo.sees(long);
    const { tab, kept } = await lookForRemains(bo, [long]);
    expect(tab).toEqual(['Redux state', 'page']);
    expect(kept.found.map((place) => place.split(' ')[0])).toEqual(['opened', 'engine']);
  }, 60_000);

  test('what one does with it meanwhile keeps nothing of it', async () => {
    const { long } = canaries('bo.strand');
    await bo.chooseOf(long, 'Reply');
    await bo.says('That is agreed.');
    await bo.chooseOf(long, 'Reply');
    await bo.field.fill('And I wanted to add');
    await bo.chooseOf(long, 'Message details');
    await ada.sees('That is agreed.');
    await ada.chooseOf('That is agreed.', 'Message details');
  }, 60_000);

  test('the others get theirs: one loses the network, one has a wrong clock, one falls asleep, one is away', async () => {
    await fay.context.setOffline(true);
    await sendsBoth(fay);
    await sendsBoth(cleo);
    await seesBoth(cleo);
    await cleo.context.setOffline(true);
    await dov.page.getByText(/differ by 1,?440 minutes/).waitFor();
    await sendsBoth(dov);
    await seesBoth(dov);
    await sendsBoth(eve);
    await seesBoth(eve);
    await eve.fallsAsleep();
  }, 120_000);

  test('both online', async () => {
    await nothingIsLeft(bo);
    await bo.sees('This message has gone');
    await bo.fieldHolds('And I wanted to add');
  }, 120_000);

  test('offline since it came', async () => {
    await nothingIsLeft(cleo);
    await cleo.context.setOffline(false);
  }, 120_000);

  test('a clock that is off by a day', async () => {
    await nothingIsLeft(dov);
  }, 120_000);

  test('the sender has nothing of any of them either', async () => {
    await nothingIsLeft(ada, [bo, cleo, dov, eve, fay]);
    await ada.openChat('bo.strand');
    await nothingIsLeft(ada, [bo]);
  }, 120_000);

  test('a tab that slept through it', async () => {
    await eve.wakes();
    await nothingIsLeft(eve);
  }, 120_000);

  test('away from before it was sent: it never arrives; one line says so until one leaves the chat', async () => {
    const line = 'Messages sent while you were away have gone';
    await fay.context.setOffline(false);
    await ada.openChat('fay');
    await ada.says('Are you back?');
    await fay.sees('Are you back?');
    await fay.sees(line);
    expect(await fay.timeline.getByText(line).count()).toBe(1);
    await nothingIsLeft(fay);
    await fay.page.getByRole('link', { name: 'Settings' }).first().click();
    await fay.page.getByRole('link', { name: 'Chats' }).first().click();
    await fay.openChat('ada');
    await fay.sees('Are you back?');
    await fay.seesNoMore(line);
  }, 120_000);

  test('after a reload', async () => {
    for (const visitor of [bo, cleo, dov, eve, fay]) {
      await visitor.page.reload();
      await visitor.sees(`Hello ${visitor.name}.`);
      await nothingIsLeft(visitor);
    }
  }, 120_000);

  test('nothing in the browsers complained', () => {
    expect([ada, bo, cleo, dov, eve, fay].flatMap(({ complaints }) => complaints)).toEqual([]);
  });
});
