import { describe, expect, test } from '@jest/globals';
import { PacketDecoder } from './packet-decoder.js';

function decode(packet: unknown): unknown[] {
  const decoded: unknown[] = [];
  const decoder = new PacketDecoder();
  decoder.on('decoded', (one) => decoded.push(one));
  decoder.add(packet);
  return decoded;
}

describe('packets of a gateway', () => {
  test.each([
    ['0{"sid":"x"}', { type: 0, data: { sid: 'x' } }],
    ['1', { type: 1 }],
    ['2["entries",{}]', { type: 2, data: ['entries', {}] }],
    ['37[{}]', { type: 3, id: 7, data: [{}] }],
    ['4{"message":"no"}', { type: 4, data: { message: 'no' } }],
  ])('are read: %s', (text, packet) => {
    expect(decode(text)).toMatchObject([packet]);
  });

  test.each([
    ['an event without a body', '2'],
    ['an event that wants an acknowledgement', '27["entries",{}]'],
    ['a half event', '2['],
    ['an event of no form', '2{"no":"array"}'],
    ['an acknowledgement of nothing', '3[{}]'],
    ['an acknowledgement without a body', '37'],
    ['a refusal without a body', '4'],
    ['a connection without a body', '0'],
    ['another namespace', '2/other,["entries",{}]'],
    ['a binary event', '51-["entries",{"_placeholder":true,"num":0}]'],
    ['a binary event without a body', '51-'],
    ['bytes', new Uint8Array(3)],
    ['nothing', ''],
    ['another type', '9["entries"]'],
  ])('%s is refused', (_, packet) => {
    expect(() => decode(packet)).toThrow();
  });
});
