import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  userIdFromBytes,
  vault,
  vaultRoot,
  type ContactPin,
  type UserId,
  type Username,
  type Vault,
  type VaultKeep,
} from '@wisp/protocol';
import { signingKeyFromSeed } from '../identity/ed25519.js';
import { userIdOf } from '../identity/user-id.js';
import { sealInVault } from './boxes.js';
import { defaultKdf } from './kdf.js';
import { openKeep } from './open-keep.js';
import { openVault, type OpenVaultInput, type VaultVerdict } from './open-vault.js';
import { createVault, rewrapVault, type CreatedVault, type VaultContent } from './seal-vault.js';
import { slotCommitment, type SlotKeys } from './stretch-secret.js';
import { writeKeep } from './write-keep.js';

/** Keys as `stretchSecret` would give them; what it does is tested beside it. */
const keysOf = (byte: number): SlotKeys => ({
  kdf: { ...defaultKdf, salt: new Uint8Array(16).fill(1) },
  authKey: new Uint8Array(32).fill(byte),
  slotKey: new Uint8Array(32).fill(byte),
});
const secrets = { password: keysOf(1), recovery: keysOf(2) };
const adaSeed = new Uint8Array(32).fill(10);
const mallorySeed = new Uint8Array(32).fill(11);
const pin: ContactPin = {
  userId: userIdFromBytes(new Uint8Array(32)),
  username: 'bob' as Username,
  listVersion: 1,
  listHash: new Uint8Array(32),
};

let ada: UserId;
let created: CreatedVault;
const byPassword = (): OpenVaultInput => ({
  userId: ada,
  slot: 'password',
  keys: secrets.password,
  atLeastVersion: 1,
});
const refusedFor = (reason: string) => ({ kind: 'refused', reason });

beforeAll(async () => {
  const { publicKey } = await signingKeyFromSeed(adaSeed);
  ada = userIdOf({ alg: 'ed25519', key: publicKey });
  created = await createVault({ identitySeed: adaSeed, secrets });
});

function contentOf(verdict: VaultVerdict): VaultContent {
  if (verdict.kind === 'refused') throw new Error(verdict.reason);
  return verdict.content;
}

/** The vault as a hostile server would change it. */
function tampered(bytes: Uint8Array, change: (honest: Vault) => Partial<Vault>): Uint8Array {
  const honest = vault.decode(bytes);
  return vault.encode({ ...honest, ...change(honest) });
}

const stretchedWith = (change: Partial<Vault['slots'][number]['kdf']>) => ({
  ...keysOf(1),
  kdf: { ...keysOf(1).kdf, ...change },
});

const slotWith = (change: Partial<Vault['slots'][number]>) => (honest: Vault) => ({
  slots: honest.slots.map((slot) => (slot.kind === 'password' ? { ...slot, ...change } : slot)),
});

describe('a vault', () => {
  test('opens with the password and with the words, to the same content', async () => {
    const one = await openVault(created.vault, byPassword());
    const other = await openVault(created.vault, {
      ...byPassword(),
      slot: 'recovery',
      keys: secrets.recovery,
    });
    expect(one).toEqual(other);
    expect(contentOf(one)).toEqual({
      version: 1,
      identitySeed: adaSeed,
      keepKey: created.keepKey,
      keep: created.keep,
    });
  });

  test('holds neither the seed nor a key in the open', () => {
    const hex = Buffer.from(created.vault).toString('hex');
    for (const secret of [adaSeed, created.keepKey, created.keep.archiveKey, secrets.password.slotKey]) {
      expect(hex).not.toContain(Buffer.from(secret).toString('hex'));
    }
  });

  test.each([
    ['a wrong password', () => ({ keys: keysOf(9) }), 'wrong-secret'],
    ['the words in the place of the password', () => ({ keys: secrets.recovery }), 'wrong-secret'],
    ['the vault of another user', () => ({ userId: pin.userId }), 'damaged'],
    ['a version below what is remembered', () => ({ atLeastVersion: 2 }), 'old-vault'],
    ['a keep below what is remembered', () => ({ atLeastKeepVersion: 2 }), 'old-keep'],
    ['keys that were stretched with other passes', () => ({ keys: stretchedWith({ t: 4 }) }), 'kdf-mismatch'],
    ['keys that were stretched in other memory', () => ({ keys: stretchedWith({ m: 1 }) }), 'kdf-mismatch'],
    ['keys that were stretched in other lanes', () => ({ keys: stretchedWith({ p: 2 }) }), 'kdf-mismatch'],
    [
      'keys that were stretched with another salt',
      () => ({ keys: stretchedWith({ salt: new Uint8Array(16).fill(9) }) }),
      'kdf-mismatch',
    ],
  ])('is refused for %s', async (_what, change, reason) => {
    expect(await openVault(created.vault, { ...byPassword(), ...change() })).toEqual(refusedFor(reason));
  });

  test('is refused with weak parameters in either slot', async () => {
    const weak = { ...keysOf(1).kdf, m: 1024 };
    const weakened = tampered(created.vault, slotWith({ kdf: weak }));
    expect(await openVault(weakened, byPassword())).toEqual(refusedFor('weak-kdf'));
    const viaWords = { ...byPassword(), slot: 'recovery', keys: secrets.recovery } as const;
    expect(await openVault(weakened, viaWords)).toEqual(refusedFor('weak-kdf'));
  });

  test('is refused with swapped boxes, a raised version, a changed root', async () => {
    const swapped = tampered(created.vault, ({ slots }) => ({
      slots: slots.map((slot, index) => ({
        ...slots[1 - index],
        ...slot,
        box: slots[1 - index]?.box ?? slot.box,
      })),
    }));
    const raised = tampered(created.vault, () => ({ version: 2 }));
    const changed = tampered(created.vault, ({ root }) => {
      const box = root.box.slice();
      box[0] = (box[0] ?? 0) ^ 1;
      return { root: { ...root, box } };
    });
    const moved = tampered(created.vault, ({ root }) => ({ keep: root }));
    for (const bytes of [swapped, raised, changed, moved]) {
      expect(await openVault(bytes, byPassword())).toEqual(refusedFor('damaged'));
    }
  });

  test("is refused with whole slots in each other's place", async () => {
    const exchanged = tampered(created.vault, ({ slots }) => ({
      slots: slots.map((slot, index) => ({ ...(slots[1 - index] ?? slot), kind: slot.kind })),
    }));
    expect(await openVault(exchanged, { ...byPassword(), keys: secrets.recovery })).toEqual(
      refusedFor('damaged'),
    );
  });

  test('is refused before its box is tried when the commitment is another', async () => {
    const box = new Uint8Array(48);
    const forged = tampered(created.vault, slotWith({ commit: slotCommitment(keysOf(9).slotKey), box }));
    expect(await openVault(forged, byPassword())).toEqual(refusedFor('wrong-secret'));
  });

  test('is refused when it holds the identity of somebody else', async () => {
    const rootKey = new Uint8Array(32).fill(5);
    const context = { userId: ada, version: 1 };
    const slot = await sealInVault(secrets.password.slotKey, { ...context, place: 'password' }, rootKey);
    const root = await sealInVault(
      rootKey,
      { ...context, place: 'root' },
      vaultRoot.encode({ identitySeed: mallorySeed, keepKey: created.keepKey }),
    );
    const planted = tampered(created.vault, (honest) => ({ ...slotWith(slot)(honest), root }));
    expect(await openVault(planted, byPassword())).toEqual(refusedFor('other-identity'));
  });

  test('is refused as noise', async () => {
    expect(await openVault(new Uint8Array(50), byPassword())).toEqual(refusedFor('malformed'));
  });
});

describe('a new password', () => {
  test('makes a new vault that the old password does not open, with the same identity', async () => {
    const opened = contentOf(await openVault(created.vault, byPassword()));
    const fresh = { password: keysOf(3), recovery: secrets.recovery };
    const rewrapped = await rewrapVault(opened, fresh);
    expect(await openVault(rewrapped, byPassword())).toEqual(refusedFor('wrong-secret'));
    const again = contentOf(
      await openVault(rewrapped, { ...byPassword(), keys: fresh.password, atLeastVersion: 2 }),
    );
    expect(again).toEqual({ ...opened, version: 2 });
  });

  test('leaves nothing of the old vault that would fit into the new one', async () => {
    const opened = contentOf(await openVault(created.vault, byPassword()));
    const rewrapped = await rewrapVault(opened, secrets);
    const old = vault.decode(created.vault);
    const mixed = tampered(rewrapped, () => ({ slots: old.slots }));
    expect(await openVault(mixed, byPassword())).toEqual(refusedFor('damaged'));
    const oldRoot = tampered(rewrapped, () => ({ root: old.root }));
    expect(await openVault(oldRoot, byPassword())).toEqual(refusedFor('damaged'));
  });
});

describe('keep', () => {
  const keeper = () => ({ userId: ada, keepKey: created.keepKey, atLeastVersion: 1 });

  test('is written by a device without the root key, and leaves the rest alone', async () => {
    const written = await writeKeep(created.vault, {
      ...keeper(),
      change: (present) => ({ ...present, pins: [pin] }),
    });
    if (written.kind === 'refused') throw new Error(written.reason);
    const { version, slots, root } = vault.decode(created.vault);
    expect(vault.decode(written.vault)).toMatchObject({ version, slots, root });
    expect(written.keep).toMatchObject({ version: 2, pins: [pin] });
    expect(await openKeep(written.vault, { ...keeper(), atLeastVersion: 2 })).toEqual({
      kind: 'ok',
      keep: written.keep,
    });
    expect(contentOf(await openVault(written.vault, byPassword())).keep).toEqual(written.keep);
  });

  test('is refused when older than what this device has seen', async () => {
    expect(await openKeep(created.vault, { ...keeper(), atLeastVersion: 2 })).toEqual(refusedFor('old-keep'));
    expect(
      await writeKeep(created.vault, { ...keeper(), atLeastVersion: 2, change: (present) => present }),
    ).toEqual(refusedFor('old-keep'));
  });

  test('is refused under another key or user, and as noise', async () => {
    const otherKey = { ...keeper(), keepKey: new Uint8Array(32) };
    expect(await openKeep(created.vault, otherKey)).toEqual(refusedFor('damaged'));
    expect(await openKeep(created.vault, { ...keeper(), userId: pin.userId })).toEqual(refusedFor('damaged'));
    expect(await openKeep(new Uint8Array(3), keeper())).toEqual(refusedFor('malformed'));
    const unchanged = { ...keeper(), change: (present: VaultKeep) => present };
    expect(await writeKeep(new Uint8Array(3), unchanged)).toEqual(refusedFor('malformed'));
  });
});
