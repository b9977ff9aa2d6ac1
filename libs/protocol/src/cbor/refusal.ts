/** Why bytes (or a value to be written) are no structure of ours; stable, so that callers may branch on it. */
export type CborRefusalCode =
  /** Not one well-formed CBOR item of the subset that we use. */
  | 'malformed'
  | 'trailing-bytes'
  /** Longer than the structure may be. */
  | 'too-large'
  /** Well-formed, but not the one deterministic encoding of its content. */
  | 'not-canonical'
  | 'unknown-version'
  /** A structure of another kind: a message's header where a commit's is wanted, or the reverse. */
  | 'wrong-kind'
  | 'wrong-type'
  | 'wrong-length'
  | 'out-of-range'
  | 'missing-key'
  | 'unknown-key'
  /** A list that is to be sorted isn't, or holds an item twice. */
  | 'not-sorted'
  /** Fields that contradict each other. */
  | 'inconsistent'
  | 'bad-padding';

/** The only error that encoders and decoders of `libs/protocol` throw. It never carries the refused content. */
export class CborRefusal extends Error {
  override readonly name = 'CborRefusal';
  readonly code: CborRefusalCode;
  /** The place in the structure, e.g. `CommitInfo.adds[3].userId`. */
  readonly at: string;

  constructor(code: CborRefusalCode, at: string) {
    super(`${code} at ${at}`);
    this.code = code;
    this.at = at;
  }
}
