import { bytes, choice, type ShapeValue } from './shape.js';
import { constant, map } from './map.js';
import { signature } from './parts.js';
import { structureOf } from './structure.js';

export const statementType = choice({
  'device-list': 1,
  'leave-request': 2,
  'repair-request': 3,
  'join-request': 4,
  profile: 5,
});
export type StatementType = ShapeValue<typeof statementType>;

/**
 * Something signed (protocol §1): `body` is the bytes as they were signed, never encoded again; `sig` is Ed25519
 * over the type's label and the body. A statement's hash is SHA-256 of its whole encoding.
 */
export interface Statement {
  type: StatementType;
  body: Uint8Array;
  sig: Uint8Array;
}

export const MAX_STATEMENT_BYTES = 16 * 1024;

export const statement = structureOf<Statement>(
  'Statement',
  MAX_STATEMENT_BYTES,
  map({
    v: constant(1, 'unknown-version'),
    type: statementType,
    body: bytes(MAX_STATEMENT_BYTES - 128, 1),
    sig: signature,
  }),
);
