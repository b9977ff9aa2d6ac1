import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openWorld, type World } from '@wisp/test-world';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, Visitor } from './browser.js';

const PASSWORD = 'correct horse battery staple canyon';

let world: World;
let browser: Browser;
let ada: Visitor;
let bo: Visitor;

beforeAll(async () => {
  world = await openWorld({ webFolder: fileURLToPath(new URL('../dist', import.meta.url)) });
  browser = await openBrowser();
  ada = await Visitor.open(browser, { name: 'ada', url: world.url, width: 1000 });
  bo = await Visitor.open(browser, { name: 'bo.strand', url: world.url, width: 390 });
}, 120_000);

afterAll(async () => {
  await browser.close();
  await world.close();
});

/** Waits until this is what has the focus. */
async function hasFocus(page: Page, selector: string): Promise<void> {
  await page.waitForFunction((wanted) => document.activeElement?.matches(wanted) === true, selector);
}

describe('the forms', () => {
  test('a name in capitals is written where the caret stands, and shown in small letters on leaving', async () => {
    const field = ada.page.getByLabel('Username');
    await field.pressSequentially('CE');
    await field.press('Home');
    await field.pressSequentially('ALI');
    expect(await field.inputValue()).toBe('ALICE');
    await field.press('Tab');
    await ada.page.getByText(/^Free\./).waitFor();
    expect(await field.inputValue()).toBe('alice');
  });

  test('without a network from the first letter on: the form says why, and goes on once it is back', async () => {
    await bo.page.getByRole('button', { name: 'Continue' }).waitFor();
    await bo.context.setOffline(true);
    await bo.page.getByLabel('Username').fill('bo.strand');
    await bo.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await bo.page.getByRole('button', { name: 'Continue' }).click();
    await bo.page.getByText('You’re offline. Try again when the connection is back.').first().waitFor();
    await bo.context.setOffline(false);
    await bo.register();
  }, 60_000);

  test('signing in with nothing typed asks for what is missing, one thing after the other', async () => {
    await ada.page.getByRole('link', { name: 'Sign in' }).click();
    const submit = ada.page.getByRole('button', { name: 'Sign in', exact: true });
    await submit.click();
    await ada.page.getByText('Type your username.').waitFor();
    await hasFocus(ada.page, '[name=username]');
    await ada.page.getByLabel('Username').fill('ada');
    await submit.click();
    await ada.page.getByText('Type your password.').waitFor();
    await hasFocus(ada.page, '[name=password]');
    await ada.page.getByRole('link', { name: 'Create an account' }).click();
    await ada.register();
  }, 60_000);
});

describe('a chat', () => {
  test('begins', async () => {
    await ada.find('bo.strand');
    await ada.says('Are you there?');
    await bo.openChat('ada');
    await bo.says('I am.');
    await ada.sees('I am.');
  });

  test('the Enter that chose a composed word sends nothing, also where the composition has ended before it', async () => {
    await ada.field.fill('にほんご');
    await ada.field.evaluate((field) => {
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', keyCode: 229, bubbles: true }));
    });
    await ada.fieldHolds('にほんご');
    await ada.field.press('Enter');
    await bo.sees('にほんご');
    expect(await bo.timeline.getByText('にほんご').count()).toBe(1);
  });

  test('on one pane Back closes the details, then leaves the chat', async () => {
    const { page } = bo;
    await page.getByRole('button', { name: 'Details' }).click();
    await page.getByRole('heading', { name: 'Safety number' }).waitFor();
    await hasFocus(page, '.pane-details h2');
    await page.goBack();
    await bo.field.waitFor();
    await hasFocus(page, '[data-details]');

    await bo.chooseOf('I am.', 'Message details');
    await page.getByRole('heading', { name: 'Message details' }).waitFor();
    await page.goBack();
    await bo.sees('I am.');

    await bo.chooseOf('I am.', 'Message details');
    await page.getByRole('heading', { name: 'Message details' }).waitFor();
    await page.reload();
    await bo.sees('I am.');
    await page.goBack();
    await page.getByRole('heading', { name: 'Chats' }).first().waitFor();
  });

  test('the list says that one is offline, where it stands alone', async () => {
    await bo.context.setOffline(true);
    await bo.page
      .locator('.pane-list')
      .getByText(/You’re offline/)
      .waitFor();
    await bo.context.setOffline(false);
    await bo.page
      .locator('.pane-list')
      .getByText(/You’re offline/)
      .waitFor({ state: 'detached' });
  });

  test('details over the timeline take the focus, and Esc closes them from anywhere in the chat', async () => {
    const { page } = ada;
    const details = page.getByRole('heading', { name: 'Safety number' });
    await page.getByRole('button', { name: 'Details' }).click();
    await hasFocus(page, '.pane-details h2');
    await page.keyboard.press('Escape');
    await details.waitFor({ state: 'detached' });
    await hasFocus(page, '[data-details]');

    await page.keyboard.press('Control+i');
    await details.waitFor();
    await ada.field.focus();
    await page.keyboard.press('Escape');
    await details.waitFor({ state: 'detached' });
  });

  test('a draft is one draft in two tabs: sent in one, it is gone from the other', async () => {
    await ada.field.fill('Written once');
    const second = await ada.context.newPage();
    await second.goto(ada.page.url());
    await second.waitForFunction(() => document.querySelector('textarea')?.value === 'Written once');
    await second.locator('textarea').press('Enter');
    await bo.openChat('ada');
    await bo.sees('Written once');
    await ada.fieldHolds('');
    await second.close();
  });

  test('a double press that sets the timer of the chat sets it, and opens nothing again', async () => {
    const { page } = bo;
    await page.getByRole('button', { name: /Timer off/ }).click();
    await page.getByRole('radio', { name: '1 day', exact: true }).check();
    await page.getByRole('radio', { name: /This chat/ }).check();
    await page.getByRole('button', { name: 'Set for this chat' }).dblclick();
    expect(await page.locator('.picker').count()).toBe(0);
    await ada.page.locator('.convo-bar').getByText('Disappears 1 day after read').waitFor();
  });

  test('nothing in the browsers complained', () => {
    expect([...ada.complaints, ...bo.complaints]).toEqual([]);
  });
});
