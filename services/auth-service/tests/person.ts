import { createHash, createPrivateKey, createPublicKey, randomBytes, randomUUID, sign } from 'node:crypto';
import {
  decodeBase64url,
  deviceList,
  encodeBase64url,
  statement,
  userIdFromBytes,
  username as usernameSchema,
  vault as vaultStructure,
  type BodyOf,
  type createAccount,
  type DeviceId,
  type DeviceList,
  type ListedDevice,
  type ServerId,
  type Vault,
} from '@wisp/protocol';

/** The ASN.1 in front of an Ed25519 seed (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

export const newDevice = (): ListedDevice => ({
  deviceId: randomUUID() as DeviceId,
  signatureKey: randomBytes(32),
  addedAt: Date.now(),
});

/** What an engine holds to register and to prove itself, made by Node's cryptography instead of ours. */
export function createPerson(serverId: ServerId, name = `p${randomBytes(6).toString('hex')}`) {
  const seed = randomBytes(32);
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
  const key = decodeBase64url(createPublicKey(privateKey).export({ format: 'jwk' }).x ?? '');
  const userId = userIdFromBytes(
    createHash('sha256').update('wisp/user/1').update(Uint8Array.of(1)).update(key).digest(),
  );
  const username = usernameSchema.parse(name);

  const makeList = (changes: Partial<DeviceList> = {}): DeviceList => ({
    serverId,
    userId,
    identityKey: { alg: 'ed25519', key },
    username,
    version: 1,
    prev: new Uint8Array(32),
    issuedAt: Date.now(),
    vaultVersion: 1,
    devices: [device],
    ...changes,
  });
  const signList = (list: DeviceList): Uint8Array => {
    const devices = [...list.devices].sort((a, b) => (a.deviceId < b.deviceId ? -1 : 1));
    const body = deviceList.encode({ ...list, devices });
    const sig = sign(null, Buffer.concat([Buffer.from('wisp/device-list/1'), body]), privateKey);
    return statement.encode({ type: 'device-list', body, sig });
  };
  const device = newDevice();
  return {
    userId,
    username,
    device,
    authKeys: {
      password: encodeBase64url(randomBytes(32)),
      recovery: encodeBase64url(randomBytes(32)),
    },
    makeList,
    signList,
    first: signList(makeList()),
  };
}
export type Person = ReturnType<typeof createPerson>;

/** The list after `before`, signed. */
export function nextList(person: Person, before: Uint8Array, changes: Partial<DeviceList> = {}): Uint8Array {
  const last = deviceList.decode(statement.decode(before).body);
  const prev = createHash('sha256').update(before).digest();
  return person.signList({ ...last, version: last.version + 1, prev, ...changes });
}

export function makeVault(changes: Partial<Vault> = {}): Vault {
  const slot = (kind: 'password' | 'recovery') => ({
    kind,
    kdf: { alg: 'argon2id13' as const, m: 131_072, t: 3, p: 1, salt: randomBytes(16) },
    nonce: randomBytes(24),
    box: randomBytes(48),
    commit: randomBytes(32),
  });
  const box = () => ({ nonce: randomBytes(24), box: randomBytes(64) });
  return {
    version: 1,
    slots: [slot('password'), slot('recovery')],
    root: box(),
    keep: box(),
    ...changes,
  };
}

export const encodeVault = (vault: Vault): string => encodeBase64url(vaultStructure.encode(vault));

export function registrationOf(
  person: Person,
  changes: Partial<BodyOf<typeof createAccount>> = {},
): BodyOf<typeof createAccount> {
  return {
    username: person.username,
    deviceId: person.device.deviceId,
    authKeys: person.authKeys,
    vault: encodeVault(makeVault()),
    deviceList: encodeBase64url(person.first),
    ...changes,
  };
}

export function makeKeyPackage(notAfter = Date.now() + 7 * 24 * 60 * 60_000) {
  return {
    ref: encodeBase64url(randomBytes(48)),
    keyPackage: encodeBase64url(randomBytes(400)),
    notAfter,
  };
}
