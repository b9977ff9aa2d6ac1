import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createSigningKey,
  openVault,
  signNextDeviceList,
  stretchSecret,
  verifyDeviceList,
  type VerifiedDeviceList,
} from '@wisp/e2ee';
import { decodeBase64url, deviceId, encodeBase64url, type DeviceId } from '@wisp/protocol';
import type { EngineErrorCode, StartView } from '../src/face.js';
import { accountEngine, type AccountEngine } from './account-engine.js';
import { handClock, type HandClock } from './hand-clock.js';
import { standInAuth, type StandInAuth } from './stand-in-auth.js';

export const PASSWORD = 'five plain words make sense';
export const ada = { username: 'ada', password: PASSWORD };
export const withPassword = { username: 'ada', secret: { kind: 'password', text: PASSWORD } } as const;

export const fails = (code: EngineErrorCode) => ({ name: 'EngineError', code });

/** Ada's device, and a server that can be told to lie to it. */
export class AccountStage {
  readonly server: StandInAuth;
  readonly clock: HandClock;
  readonly folder: string;
  engine: AccountEngine;

  private constructor({ server, folder }: { server: StandInAuth; folder: string }) {
    this.server = server;
    this.folder = folder;
    this.clock = handClock(server.time);
    this.engine = this.newEngine();
  }

  static async open(): Promise<AccountStage> {
    const folder = await mkdtemp(join(tmpdir(), 'wisp-account-'));
    const stage = new AccountStage({ server: await standInAuth(), folder });
    await stage.engine.account.start();
    return stage;
  }

  async close(): Promise<void> {
    await this.engine.account.close();
    await this.server.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  async restart(): Promise<void> {
    await this.engine.account.close();
    this.engine = this.newEngine();
  }

  private newEngine(): AccountEngine {
    const { server, folder, clock } = this;
    return accountEngine({ baseUrl: server.baseUrl, folder, clock });
  }

  lastStart(): StartView | undefined {
    return this.engine.events.flatMap((event) => (event.type === 'startChanged' ? [event.start] : [])).at(-1);
  }

  async answers(words: string[]): Promise<{ index: number; word: string }[]> {
    const questions = await this.engine.account.recoveryQuestions();
    return questions.map((index) => ({ index, word: words[index] ?? '' }));
  }

  /** Registers and proves. */
  async settle(): Promise<string[]> {
    const { words } = await this.engine.account.register(ada);
    await this.engine.account.proveRecoveryKey(await this.answers(words));
    return words;
  }

  async newestList(): Promise<VerifiedDeviceList> {
    const statement = decodeBase64url(this.server.users.get('ada')?.lists.at(-1) ?? '');
    const self = this.engine.account.signedIn()?.self;
    if (!self) throw new Error('nobody is signed in');
    const verdict = await verifyDeviceList(statement, self);
    if (verdict.kind === 'refused') throw new Error(verdict.reason);
    return verdict.list;
  }

  /** What the user's other device does: opens the vault, signs the next list. */
  async nextList(
    given: { add?: 'one'; revoke?: 'own'; vaultVersion?: number } = {},
  ): Promise<{ list: string; device: DeviceId }> {
    const previous = await this.newestList();
    const stretched = await stretchSecret({
      secret: PASSWORD,
      kdf: this.server.kdf,
      serverSalt: decodeBase64url('A'.repeat(43)),
      serverId: previous.serverId,
      username: previous.username,
    });
    if (stretched.kind === 'refused') throw new Error(stretched.reason);
    const opened = await openVault(decodeBase64url(this.server.users.get('ada')?.vault ?? ''), {
      userId: previous.userId,
      slot: 'password',
      keys: stretched.keys,
      atLeastVersion: 1,
    });
    if (opened.kind === 'refused') throw new Error(opened.reason);
    const device = deviceId.parse(crypto.randomUUID());
    const { publicKey } = await createSigningKey();
    const list = await signNextDeviceList({
      identitySeed: opened.content.identitySeed,
      previous,
      issuedAt: this.server.time,
      ...(given.add
        ? { add: [{ deviceId: device, signatureKey: publicKey, addedAt: this.server.time }] }
        : {}),
      ...(given.revoke ? { revoke: previous.devices.map((each) => each.deviceId) } : {}),
      ...(given.vaultVersion ? { vaultVersion: given.vaultVersion } : {}),
    });
    return { list: encodeBase64url(list), device };
  }
}
