import { openKeep, writeKeep, type WriteKeepOutcome } from '@wisp/e2ee';
import { decodeBase64url, encodeBase64url, getVault, putVault, type VaultKeep } from '@wisp/protocol';
import type { Store } from '../store/store.js';
import type { HttpClient } from '../transport/transport.js';
import type { AccountEvent, Contact } from './account.js';
import { putAccount, readAccount, type SelfRecord } from './account-records.js';
import { readContacts } from './contact-store.js';

/** Another device may write between our reading and our writing, but hardly thrice. */
const TRIES = 3;

export interface VaultKeeperParts {
  store: Store;
  http: HttpClient;
  self: Pick<SelfRecord, 'userId' | 'keepKey'>;
  /** Server time. */
  now: () => number;
  emit: (event: AccountEvent) => void;
}

/** Whom this device has pinned and verified, in the vault's `keep`, for the devices to come (protocol §2). */
export interface VaultKeeper {
  /** Writes what moved since the last writing. What the network spoils is done at the next call. */
  save(): Promise<void>;
}

export function openVaultKeeper(parts: VaultKeeperParts): VaultKeeper {
  let last: Promise<unknown> = Promise.resolve();
  return {
    save() {
      const saved = last.then(() => saveKeep(parts));
      last = saved.catch(() => {});
      return saved;
    },
  };
}

async function saveKeep(parts: VaultKeeperParts): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const contacts = await contactsOf(parts);
    const content = await digestOf(contacts);
    const known = await readAccount(parts.store, 'keep');
    if (known?.content === content || (known === null && contacts.length === 0)) return;
    const outcome = await writeOnce(parts, { contacts, atLeastVersion: known?.version ?? 1 });
    if (outcome.kind === 'done') {
      return parts.store.commit([putAccount('keep', { version: outcome.version, content })]);
    }
    if (outcome.kind === 'refused') parts.emit({ type: 'ownVaultRefused', reason: outcome.reason });
    if (outcome.kind !== 'overtaken') return;
  }
}

type Writing =
  | { kind: 'done'; version: number }
  | { kind: 'overtaken' }
  | { kind: 'unreachable' }
  | { kind: 'refused'; reason: string };

async function writeOnce(
  { http, self, now }: VaultKeeperParts,
  { contacts, atLeastVersion }: { contacts: Contact[]; atLeastVersion: number },
): Promise<Writing> {
  const stored = await http.call(getVault, {});
  if (stored.kind !== 'ok') return { kind: 'unreachable' };
  const vault = decodeBase64url(stored.value.vault);
  const written: WriteKeepOutcome = await writeKeep(vault, {
    ...self,
    atLeastVersion,
    change: (present) => withContacts(present, { contacts, now: now() }),
  });
  if (written.kind === 'refused') return written;
  const body = { vault: encodeBase64url(written.vault) };
  const result = await http.call(putVault, { body, ifMatch: stored.value.etag });
  if (result.kind === 'ok') return { kind: 'done', version: written.keep.version };
  const overtaken = result.kind === 'problem' && result.problem.code === 'precondition-failed';
  return { kind: overtaken ? 'overtaken' : 'unreachable' };
}

/** This device speaks for those whom it knows; what others have written of the rest stays. */
function withContacts(
  present: VaultKeep,
  { contacts, now }: { contacts: Contact[]; now: number },
): Omit<VaultKeep, 'version'> {
  const known = new Set(contacts.map(({ userId }) => userId));
  const verifiedAt = new Map(present.verifications.map((entry) => [entry.userId, entry.verifiedAt]));
  const pinned = new Map(present.pins.map((pin) => [pin.userId, pin]));
  const pins = contacts.map((contact) => {
    const before = pinned.get(contact.userId);
    return before !== undefined && before.listVersion > contact.listVersion ? before : pinOf(contact);
  });
  const verified = contacts.filter((contact) => contact.verified);
  return {
    ...present,
    pins: [...present.pins.filter(({ userId }) => !known.has(userId)), ...pins],
    verifications: [
      ...present.verifications.filter(({ userId }) => !known.has(userId)),
      ...verified.map(({ userId }) => ({ userId, verifiedAt: verifiedAt.get(userId) ?? now })),
    ],
  };
}

const pinOf = ({ userId, username, listVersion, listHash }: Contact) => ({
  userId,
  username,
  listVersion,
  listHash,
});

async function contactsOf({ store, self }: VaultKeeperParts): Promise<Contact[]> {
  return (await readContacts(store)).filter(({ userId }) => userId !== self.userId);
}

async function digestOf(contacts: readonly Contact[]): Promise<string> {
  const lines = contacts.map(({ userId, listVersion, verified }) => [userId, listVersion, verified]);
  const bytes = new TextEncoder().encode(JSON.stringify(lines));
  return encodeBase64url(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}

/** Why this device won't have that vault's `keep`: it doesn't open, or is older than one that it has seen. */
export async function refusalOfKeep(
  vault: Uint8Array,
  { store, self }: Pick<VaultKeeperParts, 'store' | 'self'>,
): Promise<string | null> {
  const known = await readAccount(store, 'keep');
  const verdict = await openKeep(vault, { ...self, atLeastVersion: known?.version ?? 1 });
  return verdict.kind === 'refused' ? verdict.reason : null;
}
