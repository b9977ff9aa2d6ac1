import { equalBytes, type DeviceId, type ListedDevice } from '@wisp/protocol';
import { refused, type Refused } from './refused.js';
import {
  verifyDeviceList,
  type DeviceListRefusal,
  type ListOwner,
  type VerifiedDeviceList,
} from './verify-device-list.js';

/** How far a user's list was followed. A pin has only version and hash; a `VerifiedDeviceList` has all. */
export interface KnownDeviceList {
  readonly version: number;
  readonly hash: Uint8Array;
  readonly vaultVersion?: number;
  readonly devices?: readonly ListedDevice[];
}

export interface ChainInput extends ListOwner {
  /** Null: a user that this engine meets for the first time; then the chain may begin anywhere. */
  known: KnownDeviceList | null;
  /** In the order of their versions. The known list itself may lead them. */
  statements: readonly Uint8Array[];
}

export type DeviceListChainRefusal =
  | DeviceListRefusal
  /** Nothing was offered of a user of whom nothing is known. */
  | 'no-list'
  /** A list older than the known one. */
  | 'old-list'
  /** Another list under a version that is known: two histories were signed or shown. */
  | 'forked'
  /** A version was left out. */
  | 'version-gap'
  /** `prev` is not the hash of the list before. */
  | 'broken-chain'
  | 'vault-version-fell'
  /** A device got another signature key. */
  | 'device-changed';

export type DeviceListChainVerdict =
  | {
      readonly kind: 'ok';
      /** The newest list; null when nothing is newer than the known one. */
      readonly newest: VerifiedDeviceList | null;
      /** All lists after the known one, oldest first. */
      readonly lists: readonly VerifiedDeviceList[];
      /** Devices that weren't known before (of a new user or a bare pin: all), to be shown. */
      readonly added: readonly ListedDevice[];
      readonly revoked: readonly DeviceId[];
    }
  | Refused<DeviceListChainRefusal>;

/** Follows a user's device lists from the known one: version n + 1 counts only over an unbroken chain (protocol §2). */
export async function verifyDeviceListChain(input: ChainInput): Promise<DeviceListChainVerdict> {
  let last = input.known;
  let before = input.known?.devices;
  const lists: VerifiedDeviceList[] = [];
  for (const bytes of input.statements) {
    const verdict = await verifyDeviceList(bytes, input);
    if (verdict.kind === 'refused') return verdict;
    const step = judgeStep(last, verdict.list);
    if (step === 'known') {
      // The list behind a bare pin: from here on its devices are known.
      before ??= verdict.list.devices;
      last = verdict.list;
      continue;
    }
    if (step !== 'next') return refused(step);
    lists.push(verdict.list);
    last = verdict.list;
  }
  if (last === null) return refused('no-list');
  const base = before ?? [];
  const after = last.devices ?? base;
  return {
    kind: 'ok',
    newest: lists.at(-1) ?? null,
    lists,
    added: after.filter((device) => !has(base, device)),
    revoked: base.filter((device) => !has(after, device)).map((device) => device.deviceId),
  };
}

type StepRefusal = Exclude<DeviceListChainRefusal, DeviceListRefusal | 'no-list'>;

function judgeStep(last: KnownDeviceList | null, next: VerifiedDeviceList): 'next' | 'known' | StepRefusal {
  if (last === null) return 'next';
  if (next.version < last.version) return 'old-list';
  if (next.version === last.version) return equalBytes(next.hash, last.hash) ? 'known' : 'forked';
  if (next.version !== last.version + 1) return 'version-gap';
  if (!equalBytes(next.prev, last.hash)) return 'broken-chain';
  if (next.vaultVersion < (last.vaultVersion ?? 0)) return 'vault-version-fell';
  const changed = (last.devices ?? []).some((old) =>
    next.devices.some(
      (each) => each.deviceId === old.deviceId && !equalBytes(each.signatureKey, old.signatureKey),
    ),
  );
  return changed ? 'device-changed' : 'next';
}

function has(devices: readonly ListedDevice[], device: ListedDevice): boolean {
  return devices.some((each) => each.deviceId === device.deviceId);
}
