import {
  openVault,
  parseRecoveryKey,
  rewrapVault,
  signNextDeviceList,
  stretchSecret,
  verifyDeviceList,
  type SlotKeys,
  type VerifiedDeviceList,
} from '@wisp/e2ee';
import {
  changePassword,
  createSession,
  decodeBase64url,
  encodeBase64url,
  findUser,
  getParameters,
  getVault,
  publishDeviceList,
  username as usernameSchema,
  type DeviceId,
  type HttpOperation,
  type ResponseOf,
  type ServerId,
  type SessionAnswer,
} from '@wisp/protocol';
import type { Person } from '../../src/index.js';

/** An account's owner at a second machine, who knows the password: what only they can sign. */
export interface Owner {
  serverId: ServerId;
  identitySeed: Uint8Array;
  /** As the server had it when the owner came. */
  vault: string;
  /** The newest device list that the server has. */
  newest(): Promise<VerifiedDeviceList>;
  publish(deviceList: Uint8Array): Promise<void>;
  /** A new vault and a device list that names it, as the protocol has it (§2). */
  changePassword(password: string, words: readonly string[]): Promise<void>;
  /** A session of one of the account's devices, with the password of now. */
  openSession(deviceId: DeviceId): Promise<SessionAnswer>;
}

export async function ownerOf(person: Person, server: string): Promise<Owner> {
  const username = usernameSchema.parse(person.name);
  const parameters = await ask(server, getParameters, { query: `username=${username}` });
  const { serverId, kdf } = parameters;
  const stretch = async (secret: string): Promise<SlotKeys> => {
    const serverSalt = decodeBase64url(parameters.serverSalt);
    const stretched = await stretchSecret({ serverSalt, serverId, username, secret, kdf });
    if (stretched.kind === 'refused') throw new Error(stretched.reason);
    return stretched.keys;
  };
  let keys = await stretch(person.password);
  const signIn = (deviceId?: DeviceId) => {
    const body = { username, slot: 'password', authKey: encodeBase64url(keys.authKey), deviceId };
    return ask(server, createSession, { body });
  };
  const { token, userId } = await signIn();
  const { vault, etag } = await ask(server, getVault, { token });
  const bytes = decodeBase64url(vault);
  const opened = await openVault(bytes, { userId, slot: 'password', keys, atLeastVersion: 1 });
  if (opened.kind === 'refused') throw new Error(opened.reason);
  const { content } = opened;
  const proof = () => ({ slot: 'password', authKey: encodeBase64url(keys.authKey) });

  const owner: Owner = {
    serverId,
    vault,
    identitySeed: content.identitySeed,
    async newest() {
      const { deviceList } = await ask(server, findUser, { query: `username=${username}`, token });
      const verdict = await verifyDeviceList(decodeBase64url(deviceList), { serverId, userId });
      if (verdict.kind === 'refused') throw new Error(verdict.reason);
      return verdict.list;
    },
    async publish(deviceList) {
      const body = { proof: proof(), deviceList: encodeBase64url(deviceList) };
      await ask(server, publishDeviceList, { token, body });
    },
    async changePassword(password, words) {
      const read = parseRecoveryKey(words.join(' '));
      if (read.kind === 'refused') throw new Error(read.reason);
      const [next, recovery] = [await stretch(password), await stretch(read.secret)];
      const deviceList = await signNextDeviceList({
        identitySeed: content.identitySeed,
        previous: await owner.newest(),
        issuedAt: Date.now(),
        vaultVersion: content.version + 1,
      });
      const body = {
        proof: proof(),
        authKeys: {
          password: encodeBase64url(next.authKey),
          recovery: encodeBase64url(recovery.authKey),
        },
        vault: encodeBase64url(await rewrapVault(content, { password: next, recovery })),
        deviceList: encodeBase64url(deviceList),
      };
      await ask(server, changePassword, { token, body, ifMatch: etag });
      keys = next;
    },
    openSession: signIn,
  };
  return owner;
}

interface Question {
  query?: string;
  body?: unknown;
  token?: string;
  ifMatch?: string;
}

async function ask<Operation extends HttpOperation>(
  server: string,
  operation: Operation,
  { query, body, token, ifMatch }: Question,
): Promise<ResponseOf<Operation>> {
  const response = await fetch(`${server}${operation.path}${query === undefined ? '' : `?${query}`}`, {
    method: operation.method,
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (response.status !== operation.status) throw new Error(`${operation.name}: ${response.status} ${text}`);
  // The schema is the operation's own.
  return operation.response?.parse(JSON.parse(text)) as ResponseOf<Operation>;
}
