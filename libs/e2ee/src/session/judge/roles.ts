import {
  userIdOrder,
  type ConversationState,
  type RoleNumber,
  type RosterEntry,
  type UserId,
} from '@wisp/protocol';

export const OWNER = 4 as const;
export const ADMIN = 3;
export const MEMBER = 2;

export function rosterEntry(state: ConversationState, userId: UserId): RosterEntry | undefined {
  return state.roster.find((entry) => entry.userId === userId);
}

/** 0 for a user who isn't in the conversation. */
export function roleOf(state: ConversationState, userId: UserId): RoleNumber | 0 {
  return rosterEntry(state, userId)?.role ?? 0;
}

/** Admin and above, or what the settings say (protocol §3). */
export function mayAdd(state: ConversationState, userId: UserId): boolean {
  return reaches(roleOf(state, userId), state.settings.whoMayAdd);
}

export function mayEdit(state: ConversationState, userId: UserId): boolean {
  return reaches(roleOf(state, userId), state.settings.whoMayEdit);
}

export function mayPost(state: ConversationState, userId: UserId): boolean {
  return reaches(roleOf(state, userId), state.settings.whoMayPost);
}

/** Whether `userId` may delete a message of `author` for everyone: admin and above, over lower roles. */
export function mayDelete(
  state: ConversationState,
  { userId, author }: { userId: UserId; author: UserId },
): boolean {
  if (userId === author) return true;
  const role = roleOf(state, userId);
  return role >= ADMIN && roleOf(state, author) < role;
}

function reaches(role: RoleNumber | 0, needed: RoleNumber): boolean {
  return role >= ADMIN || (role > 0 && role >= needed);
}

/** Owners reach everybody, admins strictly lower roles. */
export function commands(role: RoleNumber | 0, target: RoleNumber): boolean {
  return role === OWNER || (role >= ADMIN && target < role);
}

/**
 * Who becomes owner when no owner is among those who stay: of the highest role, the lowest (`since`, userId).
 * Undefined when there is an owner, or nobody.
 */
export function heirAmong(staying: readonly RosterEntry[]): RosterEntry | undefined {
  if (staying.some((entry) => entry.role === OWNER)) return undefined;
  const highest = Math.max(0, ...staying.map((entry) => entry.role));
  const [first] = staying
    .filter((entry) => entry.role === highest)
    .sort((a, b) => a.since - b.since || (userIdOrder(a.userId) < userIdOrder(b.userId) ? -1 : 1));
  return first;
}
