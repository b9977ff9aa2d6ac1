import { createSigningKey, createVault, defaultKdf, signFirstDeviceList, type SlotKeys } from '@wisp/e2ee';
import {
  createAccount,
  encodeBase64url,
  getParameters,
  type BodyOf,
  type DeviceId,
  type ServerId,
  type UserId,
  type Username,
} from '@wisp/protocol';
import { randomBytes, randomUUID } from 'node:crypto';

/** A registered device with its access token. */
export interface Account {
  readonly user: UserId;
  readonly device: DeviceId;
  readonly token: string;
}

const AT_ONCE = 8;

/** Registers so many people over HTTP, as an engine would; only the stretching of passwords is left out. */
export async function registerAccounts(server: string, count: number): Promise<Account[]> {
  const wanted = Array.from({ length: count }, (_, index) => index);
  const accounts: Account[] = [];
  const work = async () => {
    while (wanted.pop() !== undefined) accounts.push(await register(server));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return accounts;
}

async function register(server: string): Promise<Account> {
  const username = `bench_${randomBytes(6).toString('hex')}` as Username;
  const parameters = await fetch(`${server}${getParameters.path}?username=${username}`);
  const { serverId } = getParameters.response.parse(await parameters.json());
  const body = await registration({ serverId, username });
  const answer = await fetch(server + createAccount.path, {
    method: createAccount.method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (answer.status !== createAccount.status)
    throw new Error(`registration: ${answer.status} ${await answer.text()}`);
  const { userId, token } = createAccount.response.parse(await answer.json());
  return { user: userId, device: body.deviceId, token };
}

async function registration(about: {
  serverId: ServerId;
  username: Username;
}): Promise<BodyOf<typeof createAccount>> {
  const identity = await createSigningKey();
  const signature = await createSigningKey();
  const deviceId = randomUUID() as DeviceId;
  const secrets = { password: anySlot(), recovery: anySlot() };
  const { vault } = await createVault({ identitySeed: identity.secretKey, secrets });
  const deviceList = await signFirstDeviceList({
    ...about,
    identitySeed: identity.secretKey,
    issuedAt: Date.now(),
    devices: [{ deviceId, signatureKey: signature.publicKey, addedAt: Date.now() }],
  });
  return {
    username: about.username,
    deviceId,
    authKeys: {
      password: encodeBase64url(secrets.password.authKey),
      recovery: encodeBase64url(secrets.recovery.authKey),
    },
    vault: encodeBase64url(vault),
    deviceList: encodeBase64url(deviceList),
  };
}

function anySlot(): SlotKeys {
  return {
    kdf: { ...defaultKdf, salt: randomBytes(16) },
    authKey: randomBytes(32),
    slotKey: randomBytes(32),
  };
}
