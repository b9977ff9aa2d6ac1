import { equalBytes, type DeviceId, type DeviceList } from '@wisp/protocol';
import { readDeviceList, refuseList, type DeviceListRefused, type SignedDeviceList } from './device-list.js';

export type NextListVerdict =
  | { kind: 'next'; signed: SignedDeviceList; removed: DeviceId[] }
  /** It is the newest one already: a retry. */
  | { kind: 'same'; signed: SignedDeviceList }
  /** Not the successor of the newest list. */
  | { kind: 'list-conflict' }
  | DeviceListRefused;

/** Whether `bytes` continue the chain whose newest list is `newest` (protocol §2). */
export function checkNextDeviceList(bytes: Uint8Array, newest: SignedDeviceList): NextListVerdict {
  const read = readDeviceList(bytes);
  if (read.kind === 'refused') return read;
  const { signed } = read;
  if (equalBytes(signed.hash, newest.hash)) return { kind: 'same', signed };
  const before = newest.list;
  const after = signed.list;
  if (after.serverId !== before.serverId) return refuseList('wrong-server');
  if (after.userId !== before.userId) return refuseList('wrong-user');
  if (after.username !== before.username) return refuseList('wrong-username');
  if (after.version !== before.version + 1 || !equalBytes(after.prev, newest.hash)) {
    return { kind: 'list-conflict' };
  }
  if (after.vaultVersion < before.vaultVersion) return refuseList('wrong-vault-version');
  if (hasChangedKey(before, after)) return refuseList('device-changed');
  const kept = new Set(after.devices.map((device) => device.deviceId));
  const removed = before.devices.map((device) => device.deviceId).filter((id) => !kept.has(id));
  return { kind: 'next', signed, removed };
}

function hasChangedKey(before: DeviceList, after: DeviceList): boolean {
  return after.devices.some(({ deviceId, signatureKey }) => {
    const old = before.devices.find((device) => device.deviceId === deviceId);
    return old !== undefined && !equalBytes(old.signatureKey, signatureKey);
  });
}
