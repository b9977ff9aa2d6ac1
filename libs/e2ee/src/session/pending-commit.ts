import { decode, encode, type DecodeOptions } from 'cborg';
import {
  commitInfo,
  deviceId,
  role,
  userId,
  type ConversationLink,
  type ConversationSettings,
} from '@wisp/protocol';
import { z } from 'zod';
import { decodeSession, encodeSession } from './encode-session.js';
import { enterEpoch } from './past-epochs.js';
import { openSession, sealSession } from './session-data.js';
import type { Intent, PendingCommit, Session } from './types.js';

export interface Adoption {
  /** The session that the commit ends; null for the first commit of an incarnation. */
  readonly current: Session | null;
  /** Server time of the commit's entry. */
  readonly acceptedAt: number;
}

/**
 * Our own commit has come back in the log, byte for byte and after every earlier entry: the session of the epoch that
 * it begins. Throws when `current` isn't the session that it was built on.
 */
export function adoptPending(pending: PendingCommit, { current, acceptedAt }: Adoption): Session {
  const next = openSession(pending.newSession);
  if (pending.intent.kind === 'begin') {
    return sealSession(enterEpoch(next.mls, { before: next, at: acceptedAt, forgets: true }));
  }
  const before = current === null ? null : openSession(current);
  if (before?.mls.groupContext.epoch !== next.mls.groupContext.epoch - 1n) {
    throw new Error('a pending commit was adopted out of turn');
  }
  const forgets = pending.commitInfo.removes.length > 0;
  return sealSession(enterEpoch(next.mls, { before, at: acceptedAt, forgets }));
}

const bytes = z.instanceof(Uint8Array);
const device = z.object({ deviceId, signatureKey: bytes });
const listed = z.object({
  userId,
  version: z.int(),
  hash: bytes,
  statement: bytes,
  devices: z.array(device),
});

const intent: z.ZodType<Intent> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('begin') }),
  z.object({ kind: z.literal('self-update') }),
  z.object({ kind: z.literal('settings'), change: z.custom<Partial<ConversationSettings>>(isObject) }),
  z.object({ kind: z.literal('bans'), banned: z.array(userId) }),
  z.object({ kind: z.literal('links'), links: z.array(z.custom<ConversationLink>(isObject)) }),
  z.object({
    kind: z.literal('add'),
    people: z.array(z.object({ userId, role, deviceList: listed })),
    keyPackages: z.array(bytes),
    joinRequests: z.array(bytes).exactOptional(),
  }),
  z.object({ kind: z.literal('remove'), users: z.array(userId) }),
  z.object({ kind: z.literal('roles'), roles: z.array(z.object({ userId, role })) }),
  z.object({ kind: z.literal('devices'), lists: z.array(listed), keyPackages: z.array(bytes) }),
  z.object({ kind: z.literal('repair'), request: bytes }),
  z.object({ kind: z.literal('leave'), requests: z.array(bytes) }),
]);

/** What is inside is checked where it is used: `conversationState.encode` refuses settings that aren't any. */
function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

const stored = z.object({
  info: bytes,
  bytes,
  welcome: bytes.nullable(),
  intent,
  tree: bytes,
  rest: bytes,
});

const options: DecodeOptions = { strict: true, rejectDuplicateMapKeys: true };

/** Secrets: seal it. */
export function encodePendingCommit(pending: PendingCommit): Uint8Array {
  const { tree, rest } = encodeSession(pending.newSession);
  const { welcome, intent: wish } = pending;
  const info = commitInfo.encode(pending.commitInfo);
  return encode({ info, bytes: pending.bytes, welcome, intent: wish, tree, rest });
}

/** Throws when the store's bytes are damaged. */
export function decodePendingCommit(encoded: Uint8Array): PendingCommit {
  const { info, tree, rest, ...found } = stored.parse(decode(encoded, options));
  const decoded = commitInfo.decode(info);
  return {
    commitId: decoded.commitId,
    commitInfo: decoded,
    bytes: found.bytes,
    welcome: found.welcome,
    intent: found.intent,
    newSession: decodeSession({ tree, rest }),
  };
}
