import { safetyNumber, verifyDeviceList } from '@wisp/e2ee';
import { decodeBase64url, findUser, type ServerId, type UserId, type Username } from '@wisp/protocol';
import type { Store } from '../store/store.js';
import type { HttpClient } from '../transport/transport.js';
import type { Contact, Contacts, LookUp, Self } from './account.js';
import { putContact, readContact, readContacts } from './contact-store.js';
import { deviceListStore } from './device-list-store.js';
import { followDeviceLists, type Followed } from './follow-device-lists.js';

export interface ContactsParts {
  store: Store;
  http: HttpClient;
  self: Pick<Self, 'serverId' | 'userId'>;
  /** The own device list has moved. */
  onOwnList: (own: Contact) => void;
  /** A verification was given or taken back. */
  onVerified: () => void;
}

export interface OwnContacts extends Contacts {
  /** As `update`, and what it brought. */
  follow(userId: UserId): Promise<LookUp<Followed>>;
}

export function openContacts(parts: ContactsParts): OwnContacts {
  const { store, http, self } = parts;
  const { serverId } = self;
  const lists = deviceListStore(store, serverId);
  const following = new Map<UserId, Promise<LookUp<Followed>>>();

  /** One at a time for each user: two answers of different ages must not overtake each other. */
  function follow(userId: UserId): Promise<LookUp<Followed>> {
    const running = following.get(userId);
    if (running) return running;
    const started = followDeviceLists({ store, http, serverId, lists }, userId)
      .then(tellOwn)
      .finally(() => following.delete(userId));
    following.set(userId, started);
    return started;
  }

  function tellOwn(followed: LookUp<Followed>): LookUp<Followed> {
    if (followed.kind === 'found' && followed.value.contact.userId === self.userId) {
      parts.onOwnList(followed.value.contact);
    }
    return followed;
  }

  async function changeContact(userId: UserId, change: Partial<Contact>): Promise<void> {
    const contact = await readContact(store, userId);
    if (contact) await store.commit([putContact({ ...contact, ...change })]);
  }

  async function update(userId: UserId, atLeast?: number): Promise<LookUp<Contact>> {
    const known = await readContact(store, userId);
    const isHere = known && atLeast !== undefined && known.listVersion >= atLeast;
    if (isHere && (await lists.holdsAll(userId, atLeast))) return { kind: 'found', value: known };
    const followed = await follow(userId);
    return followed.kind === 'found' ? { kind: 'found', value: followed.value.contact } : followed;
  }

  return {
    follow,
    update,
    get: (userId) => readContact(store, userId),
    async all() {
      return (await readContacts(store)).filter(({ userId }) => userId !== self.userId);
    },
    async find(username) {
      const offered = await askForName({ http, serverId }, username);
      if (offered.kind !== 'found') return offered;
      const { userId, version } = offered.value;
      // The chain decides, not the one list that came with the name: it must reach at least as far.
      const found = await update(userId);
      if (found.kind !== 'found') return found;
      if (found.value.listVersion < version) return { kind: 'refused', reason: 'old-list' };
      if (found.value.username !== username) return { kind: 'refused', reason: 'wrong-name' };
      return found;
    },
    deviceList: async (userId, version) => (await lists.get(userId, version))?.statement ?? null,
    async setVerified(userId, verified) {
      await changeContact(userId, { verified });
      parts.onVerified();
    },
    async safetyNumber(userId) {
      const [own, peer] = [await readContact(store, self.userId), await readContact(store, userId)];
      return own && peer && safetyNumber(own.identityKey, peer.identityKey);
    },
  };
}

async function askForName(
  { http, serverId }: { http: HttpClient; serverId: ServerId },
  username: Username,
): Promise<LookUp<{ userId: UserId; version: number }>> {
  const result = await http.call(findUser, { query: { username } });
  if (result.kind === 'problem' && result.problem.code === 'not-found') return { kind: 'no-such-user' };
  if (result.kind !== 'ok') return { kind: 'unreachable' };
  const { userId, deviceList } = result.value;
  const verdict = await verifyDeviceList(decodeBase64url(deviceList), { serverId, userId });
  if (verdict.kind === 'refused') return verdict;
  if (verdict.list.username !== username) return { kind: 'refused', reason: 'wrong-name' };
  return { kind: 'found', value: { userId, version: verdict.list.version } };
}
