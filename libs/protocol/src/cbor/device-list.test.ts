import { expect, test } from '@jest/globals';
import { userIdFromBytes, uuidFromBytes, type DeviceId, type ServerId, type Username } from '../ids.js';
import { limits } from '../limits.js';
import { deviceList, type DeviceList } from './device-list.js';

const device = (byte: number) => ({
  deviceId: uuidFromBytes<DeviceId>(new Uint8Array(16).fill(byte)),
  signatureKey: new Uint8Array(32).fill(byte),
  addedAt: 1,
});
const first: DeviceList = {
  serverId: uuidFromBytes<ServerId>(new Uint8Array(16)),
  userId: userIdFromBytes(new Uint8Array(32)),
  identityKey: { alg: 'ed25519', key: new Uint8Array(32) },
  username: 'ada' as Username,
  version: 1,
  prev: new Uint8Array(32),
  issuedAt: 1,
  vaultVersion: 1,
  devices: [device(1)],
};

test('only the first list has nothing before it', () => {
  expect(() => deviceList.encode({ ...first, prev: new Uint8Array(32).fill(1) })).toThrow('inconsistent');
  expect(() => deviceList.encode({ ...first, version: 2 })).toThrow('inconsistent');
});

test('eight devices and no more, none twice', () => {
  const devices = Array.from({ length: limits.devicesPerUser }, (_, i) => device(i));
  expect(deviceList.decode(deviceList.encode({ ...first, devices })).devices).toHaveLength(8);
  expect(() => deviceList.encode({ ...first, devices: [...devices, device(99)] })).toThrow('wrong-length');
  expect(() => deviceList.encode({ ...first, devices: [device(1), device(1)] })).toThrow('not-sorted');
});

test('a username is one', () => {
  expect(() => deviceList.encode({ ...first, username: 'Ada Lovelace' as Username })).toThrow('malformed');
});
