import { verifyDeviceListChain, type VerifiedDeviceList } from '@wisp/e2ee';
import {
  decodeBase64url,
  encodeBase64url,
  getDeviceLists,
  type DeviceId,
  type ResponseOf,
  type ServerId,
  type UserId,
} from '@wisp/protocol';
import type { Store } from '../store/store.js';
import type { HttpClient } from '../transport/transport.js';
import type { Contact, LookUp } from './account.js';
import { putContact, readContact, readContacts } from './contact-store.js';
import type { DeviceListStore } from './device-list-store.js';

export interface FollowParts {
  store: Store;
  http: HttpClient;
  serverId: ServerId;
  lists: DeviceListStore;
}

export interface Followed {
  contact: Contact;
  newest: VerifiedDeviceList;
  /** Devices that this device didn't know of the user. */
  added: DeviceId[];
}

type Answer = ResponseOf<typeof getDeviceLists>;

/**
 * Asks for a user's device lists after the known one, from the first one for a new user, checks the chain (protocol
 * §2) and stores what is new. A refused answer changes nothing.
 */
export async function followDeviceLists(parts: FollowParts, userId: UserId): Promise<LookUp<Followed>> {
  const contact = await readContact(parts.store, userId);
  const known = contact && (await newestOf(parts, contact));
  const result = await parts.http.call(getDeviceLists, {
    params: { id: userId },
    query: { after: known?.version ?? 0 },
  });
  if (result.kind === 'problem' && result.problem.code === 'not-found') return { kind: 'no-such-user' };
  if (result.kind !== 'ok') return { kind: 'unreachable' };
  return adopt(parts, { userId, contact, known, answer: result.value });
}

/** Null where one of the chain is damaged: then it is wanted from the first one on. */
async function newestOf({ lists }: FollowParts, contact: Contact): Promise<VerifiedDeviceList | null> {
  const { userId, listVersion } = contact;
  return (await lists.holdsAll(userId, listVersion)) ? lists.get(userId, listVersion) : null;
}

interface Adoption {
  userId: UserId;
  contact: Contact | null;
  known: VerifiedDeviceList | null;
  answer: Answer;
}

async function adopt(parts: FollowParts, adoption: Adoption): Promise<LookUp<Followed>> {
  const { userId, contact, known, answer } = adoption;
  const { store, serverId, lists } = parts;
  if (answer.userId !== userId) return { kind: 'refused', reason: 'wrong-user' };
  if (known && answer.newest < known.version) return { kind: 'refused', reason: 'old-list' };
  const statements = answer.deviceLists.map((text) => decodeBase64url(text));
  const verdict = await verifyDeviceListChain({ serverId, userId, known, statements });
  if (verdict.kind === 'refused') return verdict;
  const newest = verdict.newest ?? known;
  if (!newest) return { kind: 'refused', reason: 'no-list' };
  const pinned = known ?? (contact && findPinned(verdict.lists, contact));
  if (contact && !pinned) return { kind: 'refused', reason: 'old-list' };
  // A new user's chain is wanted whole: rosters may name its older versions.
  if (!known && verdict.lists[0]?.version !== 1) return { kind: 'refused', reason: 'version-gap' };
  const next: Contact = {
    userId,
    username: newest.username,
    identityKey: newest.identityKey,
    listVersion: newest.version,
    listHash: newest.hash,
    verified: contact?.verified ?? false,
    deletedAccount: answer.deleted,
    replaces: contact ? contact.replaces : await predecessorOf(store, newest),
  };
  if (verdict.newest || contact?.deletedAccount !== next.deletedAccount) {
    await store.commit([...verdict.lists.map((list) => lists.put(list)), putContact(next)]);
  }
  const before = new Set(pinned?.devices.map(({ deviceId }) => deviceId));
  const added = newest.devices.map(({ deviceId }) => deviceId).filter((device) => !before.has(device));
  return { kind: 'found', value: { contact: next, newest, added } };
}

/** What this device had checked, in a chain that it is shown anew; null: it isn't in there. */
function findPinned(
  lists: readonly VerifiedDeviceList[],
  { listVersion, listHash }: Contact,
): VerifiedDeviceList | null {
  const pinned = lists.find(({ version }) => version === listVersion);
  return pinned && encodeBase64url(pinned.hash) === encodeBase64url(listHash) ? pinned : null;
}

/** The user to whom this username led before: the account was made anew. */
async function predecessorOf(store: Store, { userId, username }: VerifiedDeviceList): Promise<UserId | null> {
  const before = (await readContacts(store)).filter(
    (other) => other.username === username && other.userId !== userId,
  );
  const replaced = new Set(before.map(({ replaces }) => replaces));
  return before.find((other) => !replaced.has(other.userId))?.userId ?? null;
}
