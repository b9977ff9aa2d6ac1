import type { UserId, DeviceId, Username } from '@wisp/protocol';
import type { Store } from './store.js';

/** Whose store stands here; readable before anybody signs in. */
export interface Sleeper {
  username: Username;
  /** Absent while a registration is under way. */
  userId?: UserId;
  deviceId: DeviceId;
  /** `locked`: its owner signed out; only a key of the account opens it. */
  state: 'open' | 'locked';
  /** A session that the server has not yet been told to end. */
  straySession?: true;
}

/**
 * The place of one engine's store: an IndexedDB database or a folder. It is taken at opening; an older engine's
 * commits fail from then on (`StoreLost`). See README.md for what guards the sealing key.
 */
export interface StoreHome {
  /** Null also for a store that this machine has lost the key of. */
  sleeper(): Promise<Sleeper | null>;
  /** Makes a new, empty store with a new sealing key; what stood here before is erased. */
  create(sleeper: Omit<Sleeper, 'state'>): Promise<Store>;
  /** Opens an `open` store. */
  open(): Promise<Store>;
  /** Opens a `locked` store for its owner and leaves it open. Null: the guard is a wrong one. */
  unlock(guard: Uint8Array): Promise<Store | null>;
  /** Only `guard` (32 bytes, derived from the account) opens the store from now on. */
  lock(guard: Uint8Array, notes: Pick<Sleeper, 'straySession'>): Promise<void>;
  /** Changes what `sleeper` answers. */
  note(sleeper: Sleeper): Promise<void>;
  /** Deletes the store and its keys; the home stays and is empty. */
  erase(): Promise<void>;
  /** Lets go of the place. */
  close(): Promise<void>;
}
