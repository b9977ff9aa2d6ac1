import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { openBrowser, Visitor } from './browser.js';
import { openServerProcess, type ServerProcess } from './server-process.js';

let server: ServerProcess;
let browser: Browser;
let ada: Visitor;
let bo: Visitor;

beforeAll(async () => {
  server = await openServerProcess();
  browser = await openBrowser();
  ada = await Visitor.open(browser, { name: 'ada', url: server.url });
  bo = await Visitor.open(browser, { name: 'bo.strand', url: server.url, width: 390 });
}, 120_000);

afterAll(async () => {
  await browser.close();
  await server.close();
}, 60_000);

async function widerThanItsPlace(visitor: Visitor): Promise<boolean> {
  return visitor.page.evaluate(() =>
    [document.documentElement, ...document.querySelectorAll('.timeline-scroll')].some(
      (element) => element.scrollWidth > element.clientWidth,
    ),
  );
}

describe('a hard day', () => {
  test('the network goes while one registers: the form keeps what was typed and says why', async () => {
    await ada.page.getByLabel('Username').fill('ada');
    await ada.page.getByLabel('Password', { exact: true }).fill('correct horse battery staple canyon');
    await ada.page.getByText(/^Free\./).waitFor();
    await ada.context.setOffline(true);
    await ada.page.getByRole('button', { name: 'Continue' }).click();
    await ada.page.getByText('You’re offline. Try again when the connection is back.').first().waitFor();
    expect(await ada.page.getByLabel('Username').inputValue()).toBe('ada');
    await ada.context.setOffline(false);
    await ada.register();
  }, 60_000);

  test('somebody else wants the same name', async () => {
    await bo.page.getByLabel('Username').fill('ada');
    await bo.page.getByLabel('Username').press('Tab');
    await bo.page.getByText('Someone has this name. Try another.').first().waitFor();
    await bo.register();
  }, 60_000);

  test.each([
    ['one endless word', 'W'.repeat(600)],
    ['an endless address', `https://example.org/${'path/'.repeat(100)}?q=${'x'.repeat(300)}`],
    ['more than four thousand characters', 'The quick brown fox. '.repeat(250).trim()],
    ['sixty lines', Array.from({ length: 60 }, (_, n) => `line ${n}`).join('\n')],
    ['right to left', 'שלום עולם, מה שלומך היום? نعم بالتأكيد 123'],
    ['emoji', '👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽'],
    ['what looks like markup', '<img src=x onerror=alert(1)> & "quotes"'],
  ])('%s arrives as it was written and stays in its place', async (_, words) => {
    if ((await ada.page.getByRole('link', { name: /bo\.strand/ }).count()) === 0) await ada.find('bo.strand');
    await ada.field.fill(words);
    await ada.field.press('Enter');
    if ((await bo.field.count()) === 0) await bo.openChat('ada');
    await bo.timeline
      .locator('.text')
      .filter({ hasText: words.split('\n')[0] ?? '' })
      .first()
      .waitFor();
    expect(
      await bo.timeline
        .locator('.text')
        .last()
        .evaluate((text) => text.textContent),
    ).toBe(words);
    for (const visitor of [ada, bo]) expect(await widerThanItsPlace(visitor)).toBe(false);
  });

  test('a paste of a megabyte is refused whole, and what stood in the field stays', async () => {
    await ada.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await ada.field.fill('I had begun ');
    await ada.page.evaluate(() => navigator.clipboard.writeText('paste me '.repeat(110_000)));
    await ada.field.press('End');
    await ada.field.press('ControlOrMeta+V');
    await ada.page.getByText(/too long for one message/).waitFor();
    await ada.fieldHolds('I had begun ');
  });

  test('Enter pressed twice sends once', async () => {
    await ada.field.fill('Only once.');
    await ada.page.keyboard.press('Enter');
    await ada.page.keyboard.press('Enter');
    await ada.says('And this after it.');
    await bo.sees('And this after it.');
    expect(await bo.timeline.getByText('Only once.').count()).toBe(1);
  });

  test('the network comes and goes: everything arrives, in its order', async () => {
    const said = Array.from({ length: 6 }, (_, n) => `Toggle ${n}.`);
    for (const [n, words] of said.entries()) {
      await ada.context.setOffline(n % 2 === 0);
      await ada.says(words);
    }
    await ada.context.setOffline(false);
    for (const words of said) await bo.sees(words);
    const texts = await bo.timeline.locator('.text').allInnerTexts();
    expect(texts.filter((words) => words.startsWith('Toggle'))).toEqual(said);
  });

  test('the server is killed while one writes, and started again', async () => {
    await server.kill();
    await ada.says('Written while the server was dead.');
    await ada.page
      .getByText(/can’t be reached/)
      .first()
      .waitFor();
    await server.start();
    await bo.sees('Written while the server was dead.');
    expect(await bo.timeline.getByText('Written while the server was dead.').count()).toBe(1);
  }, 120_000);

  test('the line dies unnoticed: who wants to sign out is told at once what would be lost', async () => {
    server.freeze();
    await ada.says('Nobody answers this.');
    await ada.page.getByRole('link', { name: 'Settings' }).first().click();
    await ada.page
      .getByRole('button', { name: /Sign out/ })
      .first()
      .click();
    const lost = ada.page.getByRole('dialog').getByText(/^1 message hasn’t been sent/);
    await lost.waitFor({ timeout: 3000 });
    await ada.page.keyboard.press('Escape');
    server.thaw();
    await bo.sees('Nobody answers this.');
    await ada.page.goBack();
    await ada.field.waitFor();
  }, 60_000);

  test('signed out with something waiting: it goes out after the next sign-in', async () => {
    await ada.context.setOffline(true);
    await ada.says('It waits over the sign-out.');
    await ada.signOut('keep');
    await ada.context.setOffline(false);
    await ada.signIn();
    await ada.openChat('bo.strand');
    await bo.sees('It waits over the sign-out.');
  }, 60_000);

  test('the wrong password until the server has had enough', async () => {
    await ada.signOut('keep');
    const tooMany = ada.page.getByText('Too many tries. Wait a little, then try again.').first();
    const wrong = ada.page.getByText('Username and password don’t match.').first();
    for (let tries = 0; tries < 10 && !(await tooMany.isVisible()); tries += 1) {
      await ada.signIn(`not my ${tries} password at all`);
      await ada.page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
      await tooMany.or(wrong).waitFor();
    }
    expect(await tooMany.isVisible()).toBe(true);
    expect(await ada.page.getByLabel('Username').inputValue()).toBe('ada');
  }, 60_000);

  test('nothing in the browsers complained', () => {
    expect([...ada.complaints, ...bo.complaints]).toEqual([]);
  });
});
