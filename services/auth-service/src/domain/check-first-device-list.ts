import type { DeviceId, ServerId, Username } from '@wisp/protocol';
import { readDeviceList, refuseList, type ReadDeviceList } from './device-list.js';

export interface FirstListExpectation {
  serverId: ServerId;
  username: Username;
  deviceId: DeviceId;
  vaultVersion: number;
}

/** The list that an account is registered with: the beginning of its chain. */
export function checkFirstDeviceList(bytes: Uint8Array, expected: FirstListExpectation): ReadDeviceList {
  const read = readDeviceList(bytes);
  if (read.kind === 'refused') return read;
  const { list } = read.signed;
  if (list.serverId !== expected.serverId) return refuseList('wrong-server');
  if (list.username !== expected.username) return refuseList('wrong-username');
  if (list.version !== 1) return refuseList('wrong-version');
  if (list.vaultVersion !== expected.vaultVersion) return refuseList('wrong-vault-version');
  if (!list.devices.some((device) => device.deviceId === expected.deviceId)) {
    return refuseList('device-not-listed');
  }
  return read;
}
