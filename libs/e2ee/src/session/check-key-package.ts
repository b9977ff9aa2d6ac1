import type { KeyPackage } from 'ts-mls';
import {
  decodeKeyPackage,
  encodeKeyPackage,
  makeKeyPackageRef,
  verifyKeyPackage,
} from 'ts-mls/keyPackage.js';
import { verifyLeafNodeSignatureKeyPackage } from 'ts-mls/leafNode.js';
import { equalBytes, type DeviceId, type ServerId, type UserId } from '@wisp/protocol';
import { LAST_RESORT } from '../mls/capabilities.js';
import { MAX_LIFETIME_SECONDS } from '../mls/client-config.js';
import { decodeWhole, encodesTo } from '../mls/codec.js';
import { areEncapsulationKeys } from '../mls/encapsulation-keys.js';
import { checkLeaf, type LeafRefusal } from '../mls/leaf.js';
import { loadSuite, SUITE_NAME } from '../mls/suite.js';
import type { KeyPackageRefusal } from './reasons.js';
import type { KeyPackageCheck, ListedDevices } from './types.js';

export interface CheckKeyPackageInput {
  readonly deviceList: ListedDevices;
  readonly serverId: ServerId;
  /** Server time. */
  readonly now: number;
}

const refused = (reason: KeyPackageRefusal) => ({ kind: 'refused', reason }) as const;

/** Whether a claimed KeyPackage is good for adding a device of this list, now (RFC 9420 §10.1; protocol §4). */
export async function checkKeyPackage(
  bytes: Uint8Array,
  input: CheckKeyPackageInput,
): Promise<KeyPackageCheck> {
  const keyPackage = readKeyPackage(bytes);
  if (keyPackage === null) return refused('malformed');
  const sound = await examineKeyPackage(keyPackage, input.serverId);
  if (sound.kind === 'refused') return sound;
  const { userId, deviceId } = sound;
  if (userId !== input.deviceList.userId) return refused('user');
  const listed = input.deviceList.devices.some(
    (device) =>
      device.deviceId === deviceId && equalBytes(device.signatureKey, keyPackage.leafNode.signaturePublicKey),
  );
  if (!listed) return refused('device-unlisted');
  const { notBefore, notAfter } = keyPackage.leafNode.lifetime;
  const seconds = BigInt(Math.floor(input.now / 1000));
  if (seconds < notBefore || seconds >= notAfter) return refused('lifetime');
  const suite = await loadSuite();
  return {
    kind: 'ok',
    userId,
    deviceId,
    ref: await makeKeyPackageRef(keyPackage, suite.hash),
    notAfter: Number(notAfter) * 1000,
  };
}

/** A KeyPackage in its one encoding, or null. */
export function readKeyPackage(bytes: Uint8Array): KeyPackage | null {
  const keyPackage = decodeWhole(decodeKeyPackage, bytes);
  return keyPackage !== null && encodesTo(() => encodeKeyPackage(keyPackage), bytes) ? keyPackage : null;
}

export type KeyPackageExamination =
  | { readonly kind: 'ok'; readonly userId: UserId; readonly deviceId: DeviceId }
  | { readonly kind: 'refused'; readonly reason: KeyPackageRefusal };

/** What doesn't depend on time or lists: every engine finds the same of an Add proposal. */
export async function examineKeyPackage(
  keyPackage: KeyPackage,
  serverId: ServerId,
): Promise<KeyPackageExamination> {
  const { leafNode } = keyPackage;
  if (keyPackage.version !== 'mls10' || keyPackage.cipherSuite !== SUITE_NAME) return refused('suite');
  const leaf = await checkLeaf(leafNode, serverId);
  if (leaf.kind === 'refused') return refused(asKeyPackageRefusal(leaf.reason));
  const [first, ...more] = keyPackage.extensions;
  const lastResortOnly =
    more.length === 0 &&
    (first === undefined || (first.extensionType === LAST_RESORT && first.extensionData.length === 0));
  if (!lastResortOnly) return refused('extensions');
  const { notBefore, notAfter } = leafNode.lifetime;
  if (notAfter <= notBefore || notAfter - notBefore > MAX_LIFETIME_SECONDS) return refused('lifetime');
  const { signature } = await loadSuite();
  const signed =
    (await verifyLeafNodeSignatureKeyPackage(leafNode, signature)) &&
    (await verifyKeyPackage(keyPackage, signature));
  if (!signed) return refused('signature');
  const distinct = !equalBytes(keyPackage.initKey, leafNode.hpkePublicKey);
  if (!distinct || !(await areEncapsulationKeys([keyPackage.initKey, leafNode.hpkePublicKey]))) {
    return refused('malformed');
  }
  return leaf;
}

function asKeyPackageRefusal(reason: LeafRefusal): KeyPackageRefusal {
  switch (reason) {
    case 'leaf-credential':
    case 'leaf-certificate':
      return 'certificate';
    case 'leaf-extensions':
      return 'extensions';
    case 'capabilities':
      return 'capabilities';
  }
}
