import { unreachable, type RoleNumber, type UserId } from '@wisp/protocol';
import { ADMIN, MEMBER, OWNER, type CommitMatter } from './commit-matter.js';
import type { CommitRefusal } from './commit-refusal.js';

/** Who may bring in, put out and change whom: by the roles *before* the commit (protocol §3). */
export function checkPeople(matter: CommitMatter): CommitRefusal | null {
  const { kind, info, after, context } = matter;
  switch (kind) {
    case 'direct': {
      if (context.opens === undefined) return info.users.length > 0 ? 'direct-people' : null;
      const arePeers = after.users.size === 2 && [...after.users.values()].every((role) => role === OWNER);
      return arePeers ? checkRosterBefore(matter) : 'direct-people';
    }
    case 'self': {
      if (context.opens === undefined) return info.users.length > 0 ? 'self-people' : null;
      const isAlone = after.users.size === 1 && after.users.get(context.caller.user) === OWNER;
      return isAlone ? null : 'self-people';
    }
    case 'group': {
      const refusal =
        context.opens === undefined
          ? checkChanges(matter)
          : (checkOpener(matter) ?? checkRosterBefore(matter));
      if (refusal !== null) return refusal;
      return [...after.users.values()].includes(OWNER) ? null : 'no-owner';
    }
    default:
      return unreachable(kind);
  }
}

/** A group's next incarnation is an owner's or admin's to make; its creator's first one makes an owner. */
function checkOpener({ before, after, context: { caller } }: CommitMatter): CommitRefusal | null {
  const role = before.users.get(caller.user);
  if (role === undefined || role < ADMIN) return 'role-incarnation';
  return after.users.get(caller.user) === role ? null : 'role-change';
}

/** The next incarnation's roster lies within the last one's, no role raised, nobody back who left. */
function checkRosterBefore({ projection, after, context }: CommitMatter): CommitRefusal | null {
  if (context.opens !== 'incarnation') return null;
  for (const [user, role] of after.users) {
    const known = projection.users.get(user);
    if (known === undefined || known.hasLeft || role > known.role) return 'previous-roster';
  }
  return null;
}

function checkChanges(matter: CommitMatter): CommitRefusal | null {
  const { info, before, after, evidence, context } = matter;
  const own = before.users.get(context.caller.user) ?? 0;
  const heirs = heirsOf(matter);
  for (const { userId, role } of info.users) {
    const was = before.users.get(userId);
    if (was === undefined) {
      // Only an owner gives out roles; whether others may add at all stands in the settings, which engines see.
      if (own !== OWNER && role > MEMBER) return 'role-add';
    } else if (role === 0) {
      if (!evidence.leaves.has(userId) && !commands(own, was)) return 'role-remove';
    } else {
      const isHeir = role === OWNER && heirs.has(userId);
      const isLowered = role < was && commands(own, was);
      if (own !== OWNER && !isHeir && !isLowered) return 'role-change';
    }
  }
  const crowned = [...heirs].filter((user) => after.users.get(user) === OWNER);
  return heirs.size > 0 && crowned.length === 0 ? 'no-owner' : null;
}

/**
 * Who may become owner when the last one goes: those of the highest role. Which of them it has to be is decided by
 * `since`, which engines see.
 */
function heirsOf({ before, after }: CommitMatter): ReadonlySet<UserId> {
  const staying = [...before.users].filter(([user]) => after.users.has(user));
  const highest = Math.max(0, ...staying.map(([, role]) => role));
  if (highest === OWNER) return new Set();
  return new Set(staying.filter(([, role]) => role === highest).map(([user]) => user));
}

/** Owners reach everybody, admins strictly lower roles. */
function commands(role: RoleNumber | 0, target: RoleNumber): boolean {
  return role === OWNER || (role >= ADMIN && target < role);
}
