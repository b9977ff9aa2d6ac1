import type { AccountView } from '../face.js';
import { inBackground } from '../in-background.js';
import type { Store } from '../store/store.js';
import { StoreDamaged } from '../store/store.js';
import type { StoreHome } from '../store/store-home.js';
import type { AccessTokens } from '../transport/access-tokens.js';
import type { HttpClient } from '../transport/transport.js';
import type { AccountEvent, Contact, Self, SignedIn } from './account.js';
import { readAccount, type SelfRecord } from './account-records.js';
import { putContact, readContact } from './contact-store.js';
import { openContacts, type OwnContacts } from './contacts.js';
import { deviceListStore } from './device-list-store.js';
import { openKeyPackages } from './key-packages.js';
import { openVaultKeeper, type VaultKeeper } from './vault-keeper.js';
import type { StoredCookies } from './stored-cookies.js';

/** What the account's operations work with. */
export interface Household {
  readonly home: StoreHome;
  readonly http: HttpClient;
  readonly tokens: AccessTokens;
  /** Null in a browser, which keeps cookies itself. */
  readonly cookies: StoredCookies | null;
  /** Server time as this device knows it. */
  readonly now: () => number;
  readonly presence: Presence;
  readonly emit: (event: AccountEvent) => void;
}

export interface Present extends SignedIn {
  readonly contacts: OwnContacts;
  readonly record: SelfRecord;
  readonly vaultKeeper: VaultKeeper;
}

/** Whether somebody is signed in, and with which open store. */
export interface Presence {
  current(): Present | null;
  enter(store: Store): Promise<Present>;
  /** Nobody is signed in from here on; listeners stop before the store goes. */
  leave(): void;
}

export function openPresence(parts: Pick<Household, 'http' | 'now' | 'emit'>): Presence {
  let present: Present | null = null;
  return {
    current: () => present,
    async enter(store) {
      const record = await readAccount(store, 'self');
      if (!record) throw new StoreDamaged('the store has no owner');
      let own = (await readContact(store, record.userId)) ?? (await pinAnew(store, record));
      const self = selfOf(record, () => own);
      const vaultKeeper = openVaultKeeper({ ...parts, store, self: record });
      const contacts = openContacts({
        ...parts,
        store,
        self,
        onOwnList: (contact) => (own = contact),
        onVerified: () => inBackground(vaultKeeper.save()),
      });
      present = {
        record,
        self,
        store,
        contacts,
        vaultKeeper,
        keyPackages: openKeyPackages({ ...parts, store, me: self }),
      };
      return present;
    },
    leave() {
      if (!present) return;
      parts.emit({ type: 'leaving' });
      present = null;
    },
  };
}

/** The own contact is damaged: its newest device list says what it said. */
async function pinAnew(store: Store, { serverId, userId }: SelfRecord): Promise<Contact> {
  const newest = await deviceListStore(store, serverId).newest(userId);
  if (!newest) throw new StoreDamaged('the own device list is missing');
  const { username, identityKey, version, hash } = newest;
  const own: Contact = {
    userId,
    username,
    identityKey,
    listVersion: version,
    listHash: hash,
    verified: false,
    deletedAccount: false,
    replaces: null,
  };
  await store.commit([putContact(own)]);
  return own;
}

function selfOf(record: SelfRecord, own: () => Contact): Self {
  const { serverId, userId, deviceId, signatureKey, certificate } = record;
  return {
    view: viewOf(record),
    serverId,
    userId,
    deviceId,
    signatureKey,
    certificate,
    get deviceList() {
      const { listVersion, listHash } = own();
      return { version: listVersion, hash: listHash };
    },
  };
}

function viewOf({ userId, username, deviceId, registeredAt }: SelfRecord): AccountView {
  return { userId, username, deviceId, registeredAt };
}
