export type MlsRefusalCode =
  | 'truncated'
  | 'trailing-bytes'
  /** A vector's length that isn't in its shortest form, or longer than RFC 9420 allows. */
  | 'bad-length'
  | 'unknown-version'
  | 'not-private-message'
  | 'unknown-content-type'
  /** An application message where a commit is wanted, or the reverse. */
  | 'wrong-content-type';

/** The only error of the MLS header reader; `CborRefusal` speaks of the authenticated data within. */
export class MlsRefusal extends Error {
  override readonly name = 'MlsRefusal';
  readonly code: MlsRefusalCode;

  constructor(code: MlsRefusalCode) {
    super(code);
    this.code = code;
  }
}
