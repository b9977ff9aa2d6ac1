import { checkUsername, username as usernameSchema } from '@wisp/protocol';
import { EngineError } from '../engine-error.js';
import type { StartView } from '../face.js';
import { StoreBusy, StoreDamaged, StoreLost } from '../store/store.js';
import type { StoreHome } from '../store/store-home.js';
import type { AccessTokens } from '../transport/access-tokens.js';
import type { HttpClient } from '../transport/transport.js';
import type { Account, AccountEvent } from './account.js';
import { deleteAccount } from './delete-account.js';
import { valueOrThrow } from './failures.js';
import { lookAtOwnDevices } from './own-devices.js';
import { openPresence, type Household, type Present } from './presence.js';
import { proveRecoveryKey, readUnproven } from './prove-recovery-key.js';
import { register } from './register.js';
import { signIn } from './sign-in.js';
import { enterIfOpen, viewStart } from './start.js';
import { endStraySession } from './stray-session.js';
import { lockStore, signOut } from './sign-out.js';
import type { StoredCookies } from './stored-cookies.js';

export interface AccountParts {
  /** Takes the place of the store; throws `StoreBusy` while another engine has it. */
  openHome: () => Promise<StoreHome>;
  http: HttpClient;
  tokens: AccessTokens;
  /** Null in a browser, which keeps cookies itself. */
  cookies: StoredCookies | null;
  /** Server time as this device knows it. */
  now: () => number;
}

export function openAccount(parts: AccountParts): Account {
  const { http, tokens, cookies, now } = parts;
  const listeners = new Set<(event: AccountEvent) => void>();
  const emit = (event: AccountEvent) => listeners.forEach((listener) => listener(event));
  const presence = openPresence({ http, now, emit });
  let home: StoreHome | null = null;
  let last: Promise<unknown> = Promise.resolve();

  /** Commands take their turns: a sign-out waits for a registration's end. */
  function inTurn<Result>(command: () => Promise<Result>): Promise<Result> {
    const result = last.then(command);
    last = result.catch(() => {});
    return result;
  }

  async function household(): Promise<Household> {
    home ??= await parts.openHome();
    return { home, http, tokens, cookies, now, presence, emit };
  }

  /** Says where this engine stands; the UI draws from it. */
  async function tell(): Promise<StartView> {
    const start = await viewStart(await household());
    emit({ type: 'startChanged', start });
    return start;
  }

  async function sessionEnded(): Promise<void> {
    if (!presence.current()) return;
    await lockStore(await household(), 'ended');
    tokens.forget();
    cookies?.clear();
    await tell();
  }

  const stopListening = tokens.on((event) => {
    if (event.type === 'renewed') emit({ type: 'sessionRenewed', answer: event.answer });
    else void inTurn(sessionEnded).catch(ignoreLost);
  });

  function present(): Present {
    const here = presence.current();
    if (!here) throw new EngineError('not-signed-in');
    return here;
  }

  return {
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    signedIn: () => presence.current(),
    start: () =>
      inTurn(async () => {
        try {
          const house = await household();
          if (!presence.current()) await enterIfOpen(house);
          void inTurn(() => endStraySession(house)).catch(ignoreLost);
          return await tell();
        } catch (error) {
          if (error instanceof StoreBusy) return { kind: 'store-busy' };
          if (error instanceof StoreDamaged) throw new EngineError('store-damaged', { cause: error });
          throw error;
        }
      }),
    async checkUsername(username) {
      const name = usernameSchema.safeParse(username);
      if (!name.success) return { free: false };
      return valueOrThrow(await http.call(checkUsername, { params: { username: name.data } }));
    },
    register: (input) =>
      inTurn(async () => {
        const words = await register(await household(), input);
        await present().keyPackages.replenish({ conversations: 0 });
        await tell();
        return words;
      }),
    recoveryWords: () => inTurn(async () => ({ words: (await readUnproven(present().store)).words })),
    recoveryQuestions: () => inTurn(async () => (await readUnproven(present().store)).questions),
    proveRecoveryKey: (answers) =>
      inTurn(async () => {
        await proveRecoveryKey(present().store, answers);
        await tell();
      }),
    signIn: (input) =>
      inTurn(async () => {
        const { self } = await signIn(await household(), input);
        await tell();
        return self.view;
      }),
    signOut: ({ store }) =>
      inTurn(async () => {
        await signOut(await household(), store);
        await tell();
      }),
    deleteAccount: (input) =>
      inTurn(async () => {
        await deleteAccount(await household(), input);
        await tell();
      }),
    async refresh(input) {
      const here = presence.current();
      if (!here) return;
      try {
        const listed = await lookAtOwnDevices(here, emit);
        if (listed === 'revoked') await inTurn(sessionEnded);
        if (presence.current() === here) await here.keyPackages.replenish(input);
        if (presence.current() === here) await here.vaultKeeper.save();
      } catch (error) {
        ignoreLost(error);
      }
    },
    async close() {
      stopListening();
      await inTurn(async () => {
        presence.leave();
        tokens.forget();
        cookies?.clear();
        await home?.close();
        home = null;
      });
    },
  };
}

/** What an engine that was taken over leaves undone is the other one's to do. */
function ignoreLost(error: unknown): void {
  if (!(error instanceof StoreLost)) throw error;
}
