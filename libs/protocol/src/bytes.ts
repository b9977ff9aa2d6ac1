import { z } from 'zod';
import { base64urlnopad } from '@scure/base';

/** Bytes as base64url without padding (RFC 4648 §5): the one encoding of bytes in JSON. */
export function encodeBase64url(bytes: Uint8Array): string {
  return base64urlnopad.encode(bytes);
}

/** Strict: refuses padding, foreign characters and non-zero trailing bits. Throws on malformed text. */
export function decodeBase64url(text: string): Uint8Array {
  return base64urlnopad.decode(text);
}

/** Characters that `bytes` bytes take as base64url without padding. */
export function base64urlLength(bytes: number): number {
  return Math.ceil((bytes * 4) / 3);
}

const alphabet = /^[A-Za-z0-9_-]*$/;

/**
 * A schema of base64url text that carries between `min` and `max` bytes. It checks alphabet and length but not
 * the trailing bits: whoever decodes the text does that.
 */
export function bytesText(max: number, min = 0) {
  return z
    .string()
    .min(base64urlLength(min))
    .max(base64urlLength(max))
    .regex(alphabet)
    .refine((text) => text.length % 4 !== 1, 'not base64url');
}

/** Base64url text of exactly `length` bytes. */
export function fixedBytesText(length: number) {
  return z.string().length(base64urlLength(length)).regex(alphabet);
}
