import type { StartView } from '../face.js';
import { readAccount } from './account-records.js';
import { forgetAttempt } from './register.js';
import type { Household } from './presence.js';

/** Opens the store of somebody who didn't sign out; no network is needed. */
export async function enterIfOpen({ home, presence, cookies, tokens }: Household): Promise<void> {
  const sleeper = await home.sleeper();
  if (!sleeper?.userId || sleeper.state !== 'open') return;
  const store = await home.open();
  await cookies?.resume(store);
  tokens.expect(sleeper.userId);
  await forgetAttempt(store);
  await presence.enter(store);
}

/** What the UI shows first. */
export async function viewStart({ home, presence }: Household): Promise<StartView> {
  const present = presence.current();
  if (present) {
    const unproven = await readAccount(present.store, 'unproven');
    return { kind: unproven ? 'unproven' : 'signed-in', account: present.self.view };
  }
  const sleeper = await home.sleeper();
  return sleeper?.state === 'locked'
    ? { kind: 'signed-out', username: sleeper.username }
    : { kind: 'nobody' };
}
