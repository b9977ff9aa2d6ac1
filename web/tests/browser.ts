import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { access } from 'node:fs/promises';

const PASSWORD = 'correct horse battery staple canyon';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export async function openBrowser(): Promise<Browser> {
  for (const executablePath of PLACES) {
    const isThere = await access(executablePath).then(
      () => true,
      () => false,
    );
    if (isThere) return chromium.launch({ executablePath, args: FLAGS });
  }
  throw new Error('Chromium is missing: `npm test` installs it where it may');
}

/** Somebody at a browser of their own. */
export class Visitor {
  words: string[] = [];
  readonly complaints: string[] = [];

  page: Page;

  private constructor(
    readonly name: string,
    readonly context: BrowserContext,
    page: Page,
  ) {
    this.page = page;
  }

  static async open(
    browser: Browser,
    options: { name: string; url: string; width?: number; clockWrongBy?: number },
  ): Promise<Visitor> {
    const width = options.width ?? 1440;
    const context = await browser.newContext({ viewport: { width, height: width < 720 ? 844 : 900 } });
    if (options.clockWrongBy !== undefined) await setClockWrong(context, options.clockWrongBy);
    const visitor = new Visitor(options.name, context, await context.newPage());
    visitor.listen();
    await visitor.page.goto(options.url);
    return visitor;
  }

  /** What the browser complains of: errors of scripts, of the content security policy. */
  private listen(): void {
    this.page.on('pageerror', (error) => this.complaints.push(error.message));
    this.page.on('console', (message) => {
      const isNetwork =
        message.text().includes('net::ERR') || message.text().includes('the server responded with');
      if (message.type() === 'error' && !isNetwork) this.complaints.push(message.text());
    });
  }

  async register(): Promise<void> {
    const { page } = this;
    await page.getByLabel('Username').fill(this.name);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('Step 2 of 3').waitFor();
    this.words = (await page.locator('ol li').allInnerTexts()).map((text) =>
      text.trim().replace(/^\d+\s*/, ''),
    );
    await page.getByRole('button', { name: 'I’ve saved them' }).click();
    await this.proveWords((index) => this.words[index] ?? '');
    await page
      .getByRole('link', { name: /New chat/ })
      .first()
      .waitFor();
  }

  async proveWords(answer: (index: number) => string): Promise<void> {
    await this.page.getByText('Step 3 of 3').waitFor();
    const fields = this.page.getByLabel(/^Word \d+$/);
    await fields.first().waitFor();
    for (const field of await fields.all()) {
      const label = await field.evaluate((input) => (input as HTMLInputElement).labels?.[0]?.innerText ?? '');
      await field.fill(answer(Number(label.replace(/\D/g, '')) - 1));
    }
    await this.page
      .getByRole('main')
      .getByRole('button', { name: /Finish|Continue|Done|Check/ })
      .click();
  }

  async signIn(password = PASSWORD): Promise<void> {
    await this.page.getByLabel('Username').fill(this.name);
    await this.page.getByLabel('Password', { exact: true }).fill(password);
    await this.page.getByRole('button', { name: 'Sign in', exact: true }).click();
  }

  /** Begins the chat with somebody by their name. */
  async find(name: string): Promise<void> {
    await this.page
      .getByRole('link', { name: /New chat/ })
      .first()
      .click();
    await this.page
      .getByLabel(/username/i)
      .first()
      .fill(name);
    await this.page.getByText(name, { exact: true }).first().click();
    await this.field.waitFor();
  }

  async openChat(name: string): Promise<void> {
    await this.page
      .getByRole('link', { name: new RegExp(name) })
      .first()
      .click();
    await this.field.waitFor();
  }

  get field() {
    return this.page.locator('textarea');
  }

  /** Waits until exactly this stands in the field. */
  async fieldHolds(text: string): Promise<void> {
    const found = await this.page.evaluate(
      (wanted) =>
        new Promise<string | undefined>((resolve) => {
          const end = performance.now() + 20_000;
          const look = () => {
            const value = document.querySelector('textarea')?.value;
            if (value === wanted || performance.now() > end) resolve(value);
            else requestAnimationFrame(look);
          };
          look();
        }),
      text,
    );
    if (found !== text) throw new Error(`the field holds ${JSON.stringify(found)}`);
  }

  get timeline() {
    return this.page.getByRole('list', { name: /Messages with/ });
  }

  async says(text: string): Promise<void> {
    await this.field.fill(text);
    await this.field.press('Enter');
    await this.timeline.getByText(text).waitFor();
  }

  /** One message with a clock of its own, which starts when it is sent; `preset` is a button of the picker. */
  async saysWithTimer(text: string, preset: string): Promise<void> {
    await this.page.getByRole('button', { name: /Timer off/ }).click();
    await this.page.getByRole('radio', { name: 'After it’s sent' }).check();
    await this.page.getByRole('radio', { name: preset, exact: true }).check();
    await this.page.getByRole('button', { name: 'Set timer' }).click();
    await this.says(text);
  }

  async sees(text: string): Promise<void> {
    await this.timeline.getByText(text).first().waitFor();
  }

  /** An entry of a message's menu. */
  async chooseOf(text: string, action: string): Promise<void> {
    const row = this.timeline.getByRole('listitem').filter({ hasText: text }).first();
    await row.hover();
    await row.getByRole('button', { name: 'More' }).click();
    await this.page.getByRole('menuitem', { name: action }).click();
  }

  async signOut(store: 'keep' | 'erase'): Promise<void> {
    await this.page.getByRole('link', { name: 'Settings' }).first().click();
    await this.page
      .getByRole('button', { name: /Sign out/ })
      .first()
      .click();
    const dialog = this.page.getByRole('dialog');
    if (store === 'erase') await dialog.getByRole('radio', { name: /erase/i }).check();
    await dialog.getByRole('button', { name: /Sign out/ }).click();
    await this.page.getByLabel('Password', { exact: true }).waitFor();
  }

  async seesNoMore(text: string): Promise<void> {
    await this.page.getByText(text).first().waitFor({ state: 'detached' });
  }

  /** The machine stops every tab of this browser, Workers and all; give whoever sleeps a browser of their own. */
  async fallsAsleep(): Promise<void> {
    await this.signalTabs('SIGSTOP');
  }

  async wakes(): Promise<void> {
    await this.signalTabs('SIGCONT');
  }

  private async signalTabs(signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    const session = await this.context.browser()?.newBrowserCDPSession();
    const { processInfo = [] } = (await session?.send('SystemInfo.getProcessInfo')) ?? {};
    for (const { type, id } of processInfo) if (type === 'renderer') process.kill(id, signal);
    await session?.detach();
  }

  async close(): Promise<void> {
    await this.context.close();
  }
}

/** Somebody has set this device's clock wrong: for the page and for the engine's Worker. */
async function setClockWrong(context: BrowserContext, byMs: number): Promise<void> {
  const shift = `{
    const Right = Date;
    globalThis.Date = class extends Right {
      constructor(...parts) { super(...(parts.length > 0 ? parts : [Right.now() + ${byMs}])); }
      static now() { return Right.now() + ${byMs}; }
    };
  }`;
  await context.addInitScript({ content: shift });
  // A script that didn't come over the network counts as from the internet, which may not reach loopback.
  await context.grantPermissions(['local-network-access']);
  await context.route('**/assets/engine-worker-*.js', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${shift}\n${await response.text()}` });
  });
}
