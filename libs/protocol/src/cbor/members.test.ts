import { expect, test } from '@jest/globals';
import { userIdFromBytes, uuidFromBytes, type DeviceId } from '../ids.js';
import { encodeMembers, type ConversationMember } from './members.js';

const member = (user: number, device: number): ConversationMember => ({
  userId: userIdFromBytes(new Uint8Array(32).fill(user)),
  deviceId: uuidFromBytes<DeviceId>(new Uint8Array(16).fill(device)),
  role: 4,
});

test('rows of 49 bytes, in the order of the bytes and not of their base64url', () => {
  // 0xf8… is "-…" and 0x04… is "B…" in base64url, where the order is the other way round.
  const rows = encodeMembers([member(0xf8, 1), member(0x04, 9), member(0x04, 2)]);
  expect(rows.length).toBe(3 * 49);
  expect([rows[0], rows[32], rows[48]]).toEqual([0x04, 2, 4]);
  expect([rows[49], rows[49 + 32]]).toEqual([0x04, 9]);
  expect(rows[98]).toBe(0xf8);
});

test('the order of the input says nothing', () => {
  const members = [member(1, 1), member(2, 2), member(3, 3)];
  expect(encodeMembers([...members].reverse())).toEqual(encodeMembers(members));
});
