import { limits } from '../limits.js';
import { uuidFromBytes, type MessageId, type Seq } from '../ids.js';
import type { MessageHeader } from './message-header.js';
import type { TimerMode } from './parts.js';

/** Map of nine; key 0 (version) is 1, key 1 (kind) is 1. */
const BEGINNING = [0xa9, 0, 1, 1, 1];
const BYTES_16 = 0x50;
const modes: readonly TimerMode[] = ['none', 'after-send', 'after-read'];

/**
 * A message header that is right in every respect, read in one pass. `undefined`: whatever is wrong with it, the
 * structure's own reading says.
 */
export function readPlainHeader(input: Uint8Array): MessageHeader | undefined {
  const reader = new PlainReader(input);
  for (const byte of BEGINNING) reader.expect(byte);
  reader.expect(2);
  const n = reader.uint(Number.MAX_SAFE_INTEGER);
  reader.expect(3);
  const gen = reader.uint(0xffff_ffff);
  reader.expect(4);
  const id = reader.bytes16();
  reader.expect(5);
  const lastCommitSeq = reader.uint(Number.MAX_SAFE_INTEGER) as Seq;
  reader.expect(6);
  const mode = modes[reader.uint(modes.length - 1)];
  reader.expect(7);
  const ttl = reader.uint(limits.ttlMax);
  reader.expect(8);
  const wake = reader.boolean();
  const isSound = reader.isAtEnd() && n > 0 && mode !== undefined && (ttl === 0) === (mode === 'none');
  if (!isSound) return undefined;
  return { n, gen, messageId: uuidFromBytes<MessageId>(id), lastCommitSeq, mode, ttl, wake };
}

/** Deterministic CBOR (RFC 8949 §4.2); after anything else it is never at its end. */
class PlainReader {
  private at = 0;

  constructor(private readonly input: Uint8Array) {}

  expect(byte: number): void {
    if (this.byte() !== byte) this.fail();
  }

  /** At most `max`, in its shortest form. */
  uint(max: number): number {
    const first = this.byte();
    if (first < 24) return this.checked(first, { least: 0, max });
    if (first === 24) return this.checked(this.byte(), { least: 24, max });
    if (first === 25) return this.checked(this.wide(2), { least: 0x100, max });
    if (first === 26) return this.checked(this.wide(4), { least: 0x1_0000, max });
    if (first === 27) return this.checked(this.wide(8), { least: 0x1_0000_0000, max });
    return this.fail();
  }

  bytes16(): Uint8Array {
    this.expect(BYTES_16);
    const start = this.at;
    this.at += 16;
    return this.at <= this.input.length ? this.input.subarray(start, this.at) : new Uint8Array(16);
  }

  boolean(): boolean {
    const byte = this.byte();
    if (byte !== 0xf4 && byte !== 0xf5) this.fail();
    return byte === 0xf5;
  }

  isAtEnd(): boolean {
    return this.at === this.input.length;
  }

  private byte(): number {
    const byte = this.input[this.at] ?? this.fail();
    this.at += 1;
    return byte;
  }

  /** Above 2^53 it is no longer exact, but far above every maximum. */
  private wide(bytes: number): number {
    let value = 0;
    for (let count = 0; count < bytes; count += 1) value = value * 0x100 + this.byte();
    return value;
  }

  private checked(value: number, { least, max }: { least: number; max: number }): number {
    return value >= least && value <= max ? value : this.fail();
  }

  private fail(): number {
    this.at = Number.POSITIVE_INFINITY;
    return 0;
  }
}
