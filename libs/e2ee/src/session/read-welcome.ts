import {
  emptyPskIndex,
  joinGroup,
  type CiphersuiteImpl,
  type ClientState,
  type KeyPackage,
  type Welcome,
} from 'ts-mls';
import { decryptGroupInfo, decryptGroupSecrets } from 'ts-mls/welcome.js';
import { limits } from '@wisp/protocol';
import { isLastResort } from '../mls/capabilities.js';
import { clientConfigOf } from '../mls/client-config.js';
import { decodeMessage } from '../mls/codec.js';
import { loadSuite, SUITE_NAME } from '../mls/suite.js';
import { readKeyPackage } from './check-key-package.js';
import { decodeKeyPackageSecrets, type KeyPackageSecrets } from './key-package-secrets.js';
import type { WelcomeRefusal } from './reasons.js';
import { sealSession } from './session-data.js';
import type { OwnDevice, StoredKeyPackage, WelcomeRead } from './types.js';
import { readGroup, viewGroup } from './view-group.js';

export interface ReadWelcomeInput {
  readonly me: OwnDevice;
  /** The stored KeyPackage of this ref, if this device made one and hasn't spent it. */
  findKeyPackage(ref: Uint8Array): Promise<StoredKeyPackage | null> | StoredKeyPackage | null;
}

const refused = (reason: WelcomeRefusal) => ({ kind: 'refused', reason }) as const;

/** The KeyPackageRefs that a Welcome is for; none when it is malformed. */
export function welcomeRefs(bytes: Uint8Array): Uint8Array[] {
  return readFraming(bytes)?.secrets.map((each) => each.newMember) ?? [];
}

function readFraming(bytes: Uint8Array): Welcome | null {
  const message = bytes.length > limits.welcomeBytes ? null : decodeMessage(bytes);
  return message?.wireformat === 'mls_welcome' ? message.welcome : null;
}

/**
 * Opens a Welcome as far as MLS goes (RFC 9420 §12.4.3.1): signatures, tree, confirmation tag. Nobody's word has been
 * taken: fetch the device lists that it names, then ask `admitWelcome`.
 */
export async function readWelcome(bytes: Uint8Array, input: ReadWelcomeInput): Promise<WelcomeRead> {
  const welcome = readFraming(bytes);
  if (welcome === null) return refused('malformed');
  if (welcome.cipherSuite !== SUITE_NAME) return refused('suite');
  const own = await findOwn(welcome, input);
  if (own === null) return refused('no-key-package');
  const info = await openGroupInfo(welcome, own);
  if (info.kind === 'refused') return info;
  const joined = await join(welcome, { own, me: input.me });
  if (joined === null) return refused('mls-rules');
  const reading = readGroup(joined.groupContext, joined.ratchetTree);
  if (reading.kind === 'refused') {
    return refused(reading.reason === 'leaf-credential' ? 'leaf-certificate' : reading.reason);
  }
  const adder = reading.view.leaves.find((leaf) => leaf.index === info.signer);
  if (adder === undefined) return refused('signer');
  if (!(await holdsItsPath(joined))) return refused('path-secret');
  const session = sealSession({ serverId: input.me.serverId, mls: joined, ends: [] });
  return {
    kind: 'read',
    read: {
      group: viewGroup(session),
      adder: { userId: adder.userId, deviceId: adder.deviceId },
      keyPackageRef: own.ref,
      lastResort: isLastResort(own.keyPackage.extensions),
      wantedLists: reading.view.state.roster.map(({ userId, listVersion, listHash }) => ({
        userId,
        version: listVersion,
        hash: listHash,
      })),
      session,
    },
  };
}

interface OwnKeyPackage {
  readonly ref: Uint8Array;
  readonly keyPackage: KeyPackage;
  readonly secrets: KeyPackageSecrets;
}

async function findOwn(welcome: Welcome, input: ReadWelcomeInput): Promise<OwnKeyPackage | null> {
  for (const { newMember: ref } of welcome.secrets) {
    const stored = await input.findKeyPackage(ref);
    if (stored === null) continue;
    const keyPackage = readKeyPackage(stored.keyPackage);
    if (keyPackage === null) throw new Error('damaged KeyPackage');
    return { ref, keyPackage, secrets: decodeKeyPackageSecrets(stored.secrets) };
  }
  return null;
}

type OpenedInfo =
  | { readonly kind: 'opened'; readonly signer: number }
  | { readonly kind: 'refused'; readonly reason: WelcomeRefusal };

/** Who signed the GroupInfo: the library doesn't say. Neither pre-shared keys nor extensions but the tree are ours. */
async function openGroupInfo(welcome: Welcome, own: OwnKeyPackage): Promise<OpenedInfo> {
  const suite = await loadSuite();
  try {
    const key = await suite.hpke.importPrivateKey(own.secrets.initPrivateKey);
    const secrets = await decryptGroupSecrets(key, own.ref, welcome, suite.hpke);
    if (secrets === undefined) return refused('unreadable');
    if (secrets.psks.length > 0) return refused('mls-rules');
    const noPsk = new Uint8Array(suite.kdf.size);
    const info = await decryptGroupInfo(welcome, secrets.joinerSecret, noPsk, suite);
    if (info === undefined) return refused('unreadable');
    const [tree, ...more] = info.extensions;
    if (more.length > 0 || tree?.extensionType !== 'ratchet_tree') return refused('extensions');
    return { kind: 'opened', signer: info.signer };
  } catch {
    // CryptoError for a foreign or forged one, codec errors for crafted bytes.
    return refused('unreadable');
  }
}

async function join(
  welcome: Welcome,
  { own, me }: { own: OwnKeyPackage; me: OwnDevice },
): Promise<ClientState | null> {
  const privateKeys = { ...own.secrets, signaturePrivateKey: me.signatureKey.secretKey };
  const config = clientConfigOf(me.serverId);
  try {
    return await joinGroup(
      welcome,
      own.keyPackage,
      privateKeys,
      emptyPskIndex,
      await loadSuite(),
      undefined,
      undefined,
      config,
    );
  } catch {
    // MlsError of several kinds; TypeError or RangeError on a crafted tree.
    return null;
  }
}

/** The adder's path secret must give the keys that stand in the tree, or a later, honest commit would cut us off. */
async function holdsItsPath({ privatePath, ratchetTree }: ClientState): Promise<boolean> {
  const suite = await loadSuite();
  for (const [index, privateKey] of Object.entries(privatePath.privateKeys)) {
    const node = ratchetTree[Number(index)];
    if (node === undefined) return false;
    const publicKey = node.nodeType === 'leaf' ? node.leaf.hpkePublicKey : node.parent.hpkePublicKey;
    if (!(await isPair(suite, { publicKey, privateKey }))) return false;
  }
  return true;
}

async function isPair(
  { hpke }: CiphersuiteImpl,
  { publicKey, privateKey }: { publicKey: Uint8Array; privateKey: Uint8Array },
): Promise<boolean> {
  const empty = new Uint8Array();
  try {
    const sealed = await hpke.seal(await hpke.importPublicKey(publicKey), empty, empty);
    await hpke.open(await hpke.importPrivateKey(privateKey), sealed.enc, sealed.ct, empty);
    return true;
  } catch {
    // The HPKE library throws for foreign keys and for what is no key.
    return false;
  }
}
