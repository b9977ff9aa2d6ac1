import { MlsRefusal } from './refusal.js';

/** Reads the TLS presentation language as RFC 9420 §2.1 uses it. Throws `MlsRefusal` past the end. */
export class MlsReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    // A plain view, so that the parts of a Node Buffer are no Buffers either.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  uint8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  uint64(): bigint {
    return this.#view.getBigUint64(this.#take(8));
  }

  /** A variable-size vector (RFC 9420 §2.1.2): the length has 1, 2 or 4 bytes and must be in its shortest form. */
  vector(): Uint8Array {
    const length = this.#vectorLength();
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** Refuses bytes that were not read. */
  end(): void {
    if (this.#at !== this.#bytes.length) throw new MlsRefusal('trailing-bytes');
  }

  #vectorLength(): number {
    const first = this.uint8();
    const low = first & 0x3f;
    switch (first >>> 6) {
      case 0:
        return low;
      case 1:
        return atLeast((low << 8) | this.uint8(), 1 << 6);
      case 2:
        return atLeast(low * 0x1_00_00_00 + (this.uint8() << 16) + this.uint16(), 1 << 14);
      default:
        throw new MlsRefusal('bad-length');
    }
  }

  #take(count: number): number {
    const start = this.#at;
    if (count > this.#bytes.length - start) throw new MlsRefusal('truncated');
    this.#at = start + count;
    return start;
  }
}

function atLeast(length: number, smallest: number): number {
  if (length < smallest) throw new MlsRefusal('bad-length');
  return length;
}
