import type { ConversationKindName, RoleNumber } from '../http/conversations.js';
import type { ConversationId, UserId } from '../ids.js';
import { limits } from '../limits.js';
import { constant, map, optional } from './map.js';
import {
  bytesOrder,
  conversationId,
  conversationKindShape,
  hash,
  role,
  stateTimer,
  userId,
  userIdOrder,
  type StateTimer,
} from './parts.js';
import { groupIdBytes } from './repair-request.js';
import { bytes, fixedBytes, sortedArray, text, uint, type Shape } from './shape.js';
import { structureOf } from './structure.js';

/** Where the incarnation before this one stood when this one was made. */
export interface ParentGroup {
  groupId: Uint8Array;
  epoch: number;
  /** The confirmed transcript hash (RFC 9420 §8.2) of that epoch. */
  transcriptHash: Uint8Array;
}

export interface RosterEntry {
  userId: UserId;
  role: RoleNumber;
  /** The state version that brought the user in. */
  since: number;
  /** Version and statement hash of the user's device list that the tree follows. */
  listVersion: number;
  listHash: Uint8Array;
}

export interface ConversationSettings {
  /** The default timer of new messages. */
  timer: StateTimer;
  title: string;
  about: string;
  /** The lowest role that may add people, change title, timer and settings, and post. */
  whoMayAdd: RoleNumber;
  whoMayEdit: RoleNumber;
  whoMayPost: RoleNumber;
}

/** An invitation link; the secret is the group's, the server never has it. */
export interface ConversationLink {
  /** 16 bytes. */
  linkId: Uint8Array;
  /** 32 bytes; keys the `mac` of a JoinRequest. */
  secret: Uint8Array;
  /** The role that it grants. */
  role: RoleNumber;
}

/** The GroupContext extension 0xf0a1 (protocol §3): policy 1. */
export interface ConversationState {
  /** From 1; +1 with each change. */
  version: number;
  conversationId: ConversationId;
  kind: ConversationKindName;
  /** From 1. */
  incarnation: number;
  parent?: ParentGroup;
  /** Sorted by the bytes of the user id. */
  roster: RosterEntry[];
  settings: ConversationSettings;
  /** Sorted by the bytes of the user id. */
  banned: UserId[];
  /** Sorted by link id. */
  links: ConversationLink[];
}

const counter = uint(Number.MAX_SAFE_INTEGER, 1);
const MAX_BANNED = 1000;
const MAX_LINKS = 20;

const parentGroup: Shape<ParentGroup> = map({
  groupId: groupIdBytes,
  epoch: uint(),
  transcriptHash: bytes(64, 32),
});

const rosterEntry: Shape<RosterEntry> = map({
  userId,
  role,
  since: counter,
  listVersion: uint(0xffff_ffff, 1),
  listHash: hash,
});

const settings: Shape<ConversationSettings> = map({
  timer: stateTimer,
  title: text(128),
  about: text(1024),
  whoMayAdd: role,
  whoMayEdit: role,
  whoMayPost: role,
});

const link: Shape<ConversationLink> = map({ linkId: fixedBytes(16), secret: fixedBytes(32), role });

export const conversationState = structureOf<ConversationState>(
  'ConversationState',
  128 * 1024,
  map({
    v: constant(1, 'unknown-version'),
    version: counter,
    conversationId,
    kind: conversationKindShape,
    incarnation: uint(0xffff_ffff, 1),
    parent: optional(parentGroup),
    roster: sortedArray(rosterEntry, limits.usersPerGroup, (entry) => userIdOrder(entry.userId)),
    settings,
    banned: sortedArray(userId, MAX_BANNED, userIdOrder),
    links: sortedArray(link, MAX_LINKS, (entry) => bytesOrder(entry.linkId)),
  }),
);
