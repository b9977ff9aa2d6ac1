import { CborRefusal } from './refusal.js';

/** A padded message body has one of these lengths, in bytes. */
export const PADDING_BUCKETS = [256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768, 61_440] as const;

export const MAX_BODY_BYTES = 61_440;

/** The smallest bucket that holds `length` bytes. Throws `CborRefusal` `too-large` when none does. */
export function paddedLength(length: number, at: string): number {
  const bucket = PADDING_BUCKETS.find((size) => size >= length);
  if (bucket === undefined) throw new CborRefusal('too-large', at);
  return bucket;
}

/** `item` and zeros up to its bucket. */
export function padItem(item: Uint8Array, at: string): Uint8Array {
  const padded = new Uint8Array(paddedLength(item.length, at));
  padded.set(item);
  return padded;
}

/** Refuses padding that isn't zeros up to exactly the item's bucket: any other would be a second encoding. */
export function checkPadding(padded: Uint8Array, rest: Uint8Array, at: string): void {
  if (padded.length !== paddedLength(padded.length - rest.length, at))
    throw new CborRefusal('bad-padding', at);
  if (rest.some((byte) => byte !== 0)) throw new CborRefusal('bad-padding', at);
}
