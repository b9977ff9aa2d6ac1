import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openWorld, type World } from '@wisp/test-world';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { openBrowser, Visitor } from './browser.js';

let world: World;
let browser: Browser;
let ada: Visitor;
let bo: Visitor;

beforeAll(async () => {
  world = await openWorld({ webFolder: fileURLToPath(new URL('../dist', import.meta.url)) });
  browser = await openBrowser();
  ada = await Visitor.open(browser, { name: 'ada', url: world.url });
  bo = await Visitor.open(browser, { name: 'bo.strand', url: world.url, width: 390 });
}, 120_000);

afterAll(async () => {
  await browser.close();
  await world.close();
});

describe('two people in two browsers', () => {
  test('register and prove their recovery keys', async () => {
    await ada.register();
    await bo.register();
    expect(ada.words).toHaveLength(12);
  }, 120_000);

  test('find each other and chat', async () => {
    await ada.find('bo.strand');
    await ada.says('Hello Bo, are you there?');
    await bo.openChat('ada');
    await bo.sees('Hello Bo, are you there?');
    await bo.says('I am.');
    await ada.sees('I am.');
    await ada.page.getByText('Read', { exact: true }).first().waitFor();
  });

  test('reload and lose nothing', async () => {
    await bo.page.reload();
    await bo.sees('Hello Bo, are you there?');
    await bo.sees('I am.');
  });

  test('go offline, write, come back', async () => {
    await ada.context.setOffline(true);
    await ada.says('Written on the train.');
    await ada.page
      .getByText(/You’re offline/)
      .first()
      .waitFor();
    await bo.says('Meanwhile.');
    await ada.context.setOffline(false);
    await bo.sees('Written on the train.');
    await ada.sees('Meanwhile.');
  });

  test('a message with a timer goes from both screens', async () => {
    await ada.page.getByRole('button', { name: /Timer off/ }).click();
    await ada.page.getByRole('radio', { name: 'After it’s sent' }).check();
    await ada.page.getByRole('radio', { name: /^5 s/ }).check();
    await ada.page.getByRole('button', { name: 'Set timer' }).click();
    await ada.says('This goes in five seconds.');
    await bo.sees('This goes in five seconds.');
    await ada.seesNoMore('This goes in five seconds.');
    await bo.seesNoMore('This goes in five seconds.');
  });

  test('delete for everyone leaves who, not what', async () => {
    await ada.says('Not meant for here.');
    await bo.sees('Not meant for here.');
    await ada.chooseOf('Not meant for here.', 'Delete');
    await ada.page.getByRole('button', { name: 'Delete for everyone' }).click();
    await bo.seesNoMore('Not meant for here.');
    await bo.page.getByText('ada deleted a message').first().waitFor();
  });

  test('an edit changes the words on both screens, and in what quotes them', async () => {
    await ada.says('The kye is under the mat.');
    await bo.sees('The kye is under the mat.');
    await bo.chooseOf('The kye is under the mat.', 'Reply');
    await bo.says('Thank you.');
    await ada.sees('Thank you.');

    await ada.field.fill('Something half written');
    await ada.chooseOf('The kye is under the mat.', 'Edit');
    await ada.fieldHolds('The kye is under the mat.');
    await ada.field.fill('The key is under the stone.');
    await ada.field.press('Enter');
    await ada.fieldHolds('Something half written');
    await bo.sees('The key is under the stone.');
    for (const visitor of [ada, bo]) {
      await visitor.seesNoMore('The kye is under the mat.');
      expect(await visitor.timeline.getByText('The key is under the stone.').count()).toBe(2);
      await visitor.timeline.getByText('edited', { exact: true }).first().waitFor();
    }
  });

  test('↑ in an empty field edits the last own message; Esc gives it back as it was', async () => {
    await bo.field.fill('');
    await bo.field.press('ArrowUp');
    await bo.fieldHolds('Thank you.');
    await bo.field.fill('Thanks for nothing.');
    await bo.field.press('Escape');
    await bo.fieldHolds('');
    await bo.sees('Thank you.');

    await bo.field.press('ArrowUp');
    await bo.field.fill('Thank you very much.');
    await bo.field.press('Enter');
    await ada.sees('Thank you very much.');
    await bo.page.reload();
    await bo.sees('Thank you very much.');
  });

  test('an edit written offline goes out later', async () => {
    await ada.field.fill('');
    await ada.says('Offline I will change this.');
    await bo.sees('Offline I will change this.');
    await ada.context.setOffline(true);
    await ada.field.press('ArrowUp');
    await ada.field.fill('Changed in the tunnel.');
    await ada.field.press('Enter');
    await ada.sees('Changed in the tunnel.');
    await ada.context.setOffline(false);
    await bo.sees('Changed in the tunnel.');
  });

  test('what is being edited leaves the field when its time is up', async () => {
    await ada.saysWithTimer('Change me within five seconds.', '5 s');
    await bo.sees('Change me within five seconds.');
    await ada.field.press('ArrowUp');
    await ada.fieldHolds('Change me within five seconds.');
    await ada.seesNoMore('Change me within five seconds.');
    await ada.fieldHolds('');
  });

  test('delete for everyone takes the quotes of it too', async () => {
    await ada.says('Delete what quotes me.');
    await bo.sees('Delete what quotes me.');
    await bo.chooseOf('Delete what quotes me.', 'Reply');
    await bo.says('Quoting you.');
    await ada.sees('Quoting you.');
    await ada.chooseOf('Delete what quotes me.', 'Delete');
    await ada.page.getByRole('button', { name: 'Delete for everyone' }).click();
    for (const visitor of [ada, bo]) {
      await visitor.seesNoMore('Delete what quotes me.');
      await visitor.sees('This message has gone');
    }
  });

  test('delete for me leaves the other one’s copy', async () => {
    await bo.says('Only I want this gone.');
    await ada.sees('Only I want this gone.');
    await ada.chooseOf('Only I want this gone.', 'Delete');
    await ada.page.getByRole('button', { name: 'Delete for me' }).click();
    await ada.seesNoMore('Only I want this gone.');
    await bo.sees('Only I want this gone.');
  });

  test('a reload in the middle of a send loses and doubles nothing', async () => {
    await ada.field.fill('Sent, and gone to reload.');
    await ada.field.press('Enter');
    await ada.page.reload();
    await bo.sees('Sent, and gone to reload.');
    await ada.sees('Sent, and gone to reload.');
    expect(await bo.timeline.getByText('Sent, and gone to reload.').count()).toBe(1);
  });

  test('a second tab shows the same chat and can write; the first may close', async () => {
    const second = await ada.context.newPage();
    await second.goto(ada.page.url());
    await second
      .getByRole('list', { name: /Messages with/ })
      .getByText('I am.')
      .first()
      .waitFor();
    await ada.page.close();
    ada.page = second;
    await ada.says('From the other tab.');
    await bo.sees('From the other tab.');
  });

  test('sign out and in again: the same device, nothing lost', async () => {
    await ada.signOut('keep');
    await ada.signIn('wrong horse battery staple canyon');
    await ada.page.getByText('Username and password don’t match.').first().waitFor();
    await ada.signIn();
    await ada.openChat('bo.strand');
    await ada.sees('From the other tab.');
    await ada.says('Back again.');
    await bo.sees('Back again.');
  }, 120_000);

  test('a browser without a store says that linking comes later', async () => {
    const elsewhere = await Visitor.open(browser, { name: 'ada', url: world.url });
    await elsewhere.page.getByRole('link', { name: 'Sign in' }).click();
    await elsewhere.signIn();
    await elsewhere.page
      .getByText(/Linking/i)
      .first()
      .waitFor();
    await elsewhere.close();
  }, 60_000);

  test('nothing in the browser complained', () => {
    expect([...ada.complaints, ...bo.complaints]).toEqual([]);
  });
});
