import { CborRefusal, type Structure } from '@wisp/protocol';

/** An expected refusal: nothing of what was refused may be adopted. */
export interface Refused<Reason extends string> {
  readonly kind: 'refused';
  readonly reason: Reason;
}

export function refused<const Reason extends string>(reason: Reason): Refused<Reason> {
  return { kind: 'refused', reason };
}

/** The structure, or null where its codec refuses the bytes. Faults of any other kind go through. */
export function decodeOrNull<T>(structure: Structure<T>, bytes: Uint8Array): T | null {
  try {
    return structure.decode(bytes);
  } catch (error) {
    if (error instanceof CborRefusal) return null;
    throw error;
  }
}
