import type { ServerId, UserId } from '../ids.js';
import { optional } from './map.js';
import { serverId, userId } from './parts.js';
import { bytes, text, uint } from './shape.js';
import { MAX_STATEMENT_BYTES } from './statement.js';
import { structure, type Structure } from './structure.js';

const MAX_AVATAR_BYTES = 12 * 1024;

/** The body of a `profile` statement: how a user wants to be shown. The highest version wins. */
export interface Profile {
  serverId: ServerId;
  userId: UserId;
  version: number;
  displayName: string;
  about?: string;
  /** An encoded picture; whoever shows it decides what formats it takes. */
  avatar?: Uint8Array;
}

export const profile: Structure<Profile> = structure('Profile', {
  maxBytes: MAX_STATEMENT_BYTES - 128,
  fields: {
    serverId,
    userId,
    version: uint(Number.MAX_SAFE_INTEGER, 1),
    displayName: text(64),
    about: optional(text(280)),
    avatar: optional(bytes(MAX_AVATAR_BYTES, 1)),
  },
});
