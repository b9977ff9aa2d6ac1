import { describe, expect, test } from '@jest/globals';
import { samples } from '../../tests/samples.js';
import { CborRefusal } from '../cbor/refusal.js';
import { MlsRefusal, readPrivateMessageHeader, type MlsRefusalCode } from './private-message-header.js';
import { readCommitInfo, readMessageHeader } from './read-authenticated-data.js';

function vector(content: Uint8Array): number[] {
  const { length } = content;
  if (length < 64) return [length, ...content];
  if (length < 16_384) return [0x40 | (length >> 8), length & 0xff, ...content];
  return [0x80 | (length >> 24), (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff, ...content];
}

interface Parts {
  version?: number;
  wireFormat?: number;
  contentType?: number;
  authenticatedData?: Uint8Array;
  ciphertext?: Uint8Array;
  /** Takes the place of the group id's length and bytes. */
  groupId?: number[];
}

function privateMessage(parts: Parts = {}): Uint8Array {
  return new Uint8Array([
    0,
    parts.version ?? 1,
    0,
    parts.wireFormat ?? 2,
    ...(parts.groupId ?? vector(new Uint8Array(16).fill(7))),
    ...[0, 0, 0, 0, 0, 0, 1, 2],
    parts.contentType ?? 1,
    ...vector(parts.authenticatedData ?? new Uint8Array()),
    ...vector(new Uint8Array(28).fill(3)),
    ...vector(parts.ciphertext ?? new Uint8Array(300)),
  ]);
}

function encodedSample(name: string): Uint8Array {
  const found = samples.find((sample) => sample.name === name);
  if (found === undefined) throw new Error(`no sample ${name}`);
  return found.encoded;
}

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof MlsRefusal || error instanceof CborRefusal) return error.code;
    throw error;
  }
  return 'taken';
}

describe('the header of a PrivateMessage', () => {
  test('is read without a key', () => {
    const ciphertext = new Uint8Array(20_000);
    const header = readPrivateMessageHeader(
      privateMessage({ authenticatedData: Uint8Array.of(1, 2), ciphertext }),
    );
    expect(header).toEqual({
      groupId: new Uint8Array(16).fill(7),
      epoch: 258n,
      contentType: 'application',
      authenticatedData: Uint8Array.of(1, 2),
      encryptedSenderData: new Uint8Array(28).fill(3),
      ciphertextLength: 20_000,
    });
  });

  test('gives plain bytes from a Node Buffer', () => {
    const header = readPrivateMessageHeader(Buffer.from(privateMessage()));
    expect(Buffer.isBuffer(header.groupId)).toBe(false);
  });

  test('every cut of it is refused', () => {
    const message = privateMessage({ authenticatedData: new Uint8Array(70) });
    const codes = Array.from(message, (_, length) =>
      refusal(() => readPrivateMessageHeader(message.subarray(0, length))),
    );
    expect(new Set(codes)).toEqual(new Set(['truncated']));
  });

  const refused: [string, Uint8Array, MlsRefusalCode][] = [
    ['another protocol version', privateMessage({ version: 2 }), 'unknown-version'],
    ['a public message', privateMessage({ wireFormat: 1 }), 'not-private-message'],
    ['a welcome', privateMessage({ wireFormat: 3 }), 'not-private-message'],
    ['the reserved content type', privateMessage({ contentType: 0 }), 'unknown-content-type'],
    ['an unknown content type', privateMessage({ contentType: 4 }), 'unknown-content-type'],
    ['bytes behind it', new Uint8Array([...privateMessage(), 0]), 'trailing-bytes'],
    [
      'a length of 16 in two bytes',
      privateMessage({ groupId: [0x40, 16, ...new Uint8Array(16)] }),
      'bad-length',
    ],
    [
      'a length of 16 in four bytes',
      privateMessage({ groupId: [0x80, 0, 0, 16, ...new Uint8Array(16)] }),
      'bad-length',
    ],
    [
      'the reserved form of a length',
      privateMessage({ groupId: [0xc0, 16, ...new Uint8Array(16)] }),
      'bad-length',
    ],
    ['a length far past the end', privateMessage({ groupId: [0xbf, 0xff, 0xff, 0xff] }), 'truncated'],
  ];
  test.each(refused)('refuses %s', (_what, message, code) => {
    expect(refusal(() => readPrivateMessageHeader(message))).toBe(code);
  });
});

describe('authenticated data', () => {
  const header = encodedSample('MessageHeader');
  const info = encodedSample('CommitInfo');

  test('of a message is its header', () => {
    const read = readMessageHeader(privateMessage({ contentType: 1, authenticatedData: header }));
    expect(read.header).toMatchObject({ n: 1, mode: 'after-send', ttl: 5, wake: true });
  });

  test('of a commit is its CommitInfo', () => {
    const read = readCommitInfo(privateMessage({ contentType: 3, authenticatedData: info }));
    expect(read.info).toMatchObject({ convKind: 'direct', incarnation: 1 });
  });

  test.each([
    [
      "a commit's content with a message's header",
      () => readCommitInfo(privateMessage({ contentType: 3, authenticatedData: header })),
      'wrong-kind',
    ],
    [
      "a message's content with a CommitInfo",
      () => readMessageHeader(privateMessage({ contentType: 1, authenticatedData: info })),
      'too-large',
    ],
    [
      'a commit where a message is wanted',
      () => readMessageHeader(privateMessage({ contentType: 3, authenticatedData: header })),
      'wrong-content-type',
    ],
    [
      'a standalone proposal',
      () => readCommitInfo(privateMessage({ contentType: 2, authenticatedData: info })),
      'wrong-content-type',
    ],
    ['no authenticated data', () => readMessageHeader(privateMessage()), 'malformed'],
  ])('refuses %s', (_what, run, code) => {
    expect(refusal(run)).toBe(code);
  });
});
