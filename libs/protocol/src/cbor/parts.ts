import type { RoleNumber } from '../http/conversations.js';
import type { ConversationId, DeviceId, MessageId, Seq, ServerId, UserId, Username } from '../ids.js';
import {
  userIdFromBytes,
  userIdToBytes,
  username as usernameSchema,
  uuidFromBytes,
  uuidToBytes,
} from '../ids.js';
import { limits } from '../limits.js';
import { map } from './map.js';
import { CborRefusal } from './refusal.js';
import { checked, choice, fixedBytes, numberAs, text, uint, type Shape } from './shape.js';

/** 16 bytes on the wire, UUID text in TypeScript. */
export function uuid<Id extends string>(): Shape<Id> {
  const wire = fixedBytes(16);
  return {
    write: (value, at) => attempt(() => uuidToBytes(value), at),
    read: (raw, at) => uuidFromBytes<Id>(wire.read(raw, at)),
  };
}

const wireUserId = fixedBytes(32);

/** 32 bytes on the wire, base64url text in TypeScript. */
export const userId: Shape<UserId> = {
  write: (value, at) =>
    wireUserId.write(
      attempt(() => userIdToBytes(value), at),
      at,
    ),
  read: (raw, at) => userIdFromBytes(wireUserId.read(raw, at)),
};

function attempt<T>(convert: () => T, at: string): T {
  try {
    return convert();
  } catch {
    throw new CborRefusal('malformed', at);
  }
}

export const serverId = uuid<ServerId>();
export const conversationId = uuid<ConversationId>();
export const deviceId = uuid<DeviceId>();
export const messageId = uuid<MessageId>();
export const seq = numberAs<Seq>(uint());
/** SHA-256. */
export const hash = fixedBytes(32);
/** An Ed25519 public key or signature (RFC 8032). */
export const publicKey = fixedBytes(32);
export const signature = fixedBytes(64);
/** Milliseconds since 1970, within what a `Date` can hold. */
export const timestamp = uint(8.64e15);

const usernameText = text(32, 3);
export const username: Shape<Username> = {
  write: (value, at) => username.read(value, at),
  read: (raw, at) => {
    const parsed = usernameSchema.safeParse(usernameText.read(raw, at));
    if (!parsed.success) throw new CborRefusal('malformed', at);
    return parsed.data;
  },
};

/** owner 4, admin 3, member 2, reader 1. */
export const role = numberAs<RoleNumber>(uint(4, 1));
export const conversationKindShape = choice({ direct: 1, group: 2, self: 3 });

/** An entry of the log: its place and the SHA-256 of its bytes. */
export interface LogHead {
  seq: Seq;
  hash: Uint8Array;
}
export const logHead: Shape<LogHead> = map({ seq, hash });

/** `alg` 1 is Ed25519 (RFC 8032); there is no other yet. */
export interface IdentityKey {
  alg: 'ed25519';
  key: Uint8Array;
}
export const identityKey: Shape<IdentityKey> = map({ alg: choice({ ed25519: 1 }), key: publicKey });

export type TimerMode = 'none' | 'after-send' | 'after-read';
export const timerMode = choice({ none: 0, 'after-send': 1, 'after-read': 2 });
const ttl = uint(limits.ttlMax);

/** Refuses a time to live without a timer, and a timer without one. */
export function refuseOddTtl(timer: { mode: TimerMode; ttl: number }, at: string): void {
  const sound = timer.mode === 'none' ? timer.ttl === 0 : timer.ttl >= limits.ttlMin;
  if (!sound) throw new CborRefusal('inconsistent', `${at}.ttl`);
}

/** `ttl` in seconds; 0 exactly when `mode` is `none`. */
export interface StateTimer {
  mode: TimerMode;
  ttl: number;
}
export const stateTimer: Shape<StateTimer> = checked(map({ mode: timerMode, ttl }), refuseOddTtl);
export { ttl as ttlSeconds };

const hexDigits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Text that sorts by code units as the bytes sort. */
export function bytesOrder(value: Uint8Array): string {
  return Array.from(value, (byte) => hexDigits[byte]).join('');
}

/** Text that sorts by code units as the user id's bytes sort; base64url itself doesn't. */
export function userIdOrder(id: UserId): string {
  return bytesOrder(userIdToBytes(id));
}
