/**
 * The version of everything in this package. It moves with each change of a schema; `version.test.ts` compares
 * a fingerprint of all schemas with `version.json` and fails when one moved without the other.
 */
export const PROTOCOL_VERSION = 3;

/** The oldest client protocol that this release's servers accept. */
export const OLDEST_PROTOCOL_VERSION = 1;
