import type { RosterEntry } from '@wisp/protocol';
import type { JudgeRefusal } from '../reasons.js';
import type { Matter } from './matter.js';
import { commands, heirAmong, mayAdd, MEMBER, OWNER, roleOf } from './roles.js';

/** Who may bring in, put out and change whom: by the roles *before* the commit (protocol §3). */
export function judgePeople(matter: Matter): JudgeRefusal | null {
  const { before, change } = matter;
  const moved = change.usersIn.length + change.usersOut.length + change.roleChanges.length;
  if (before.state.kind === 'direct' && moved > 0) return 'direct-people';
  return judgeIncoming(matter) ?? judgeOutgoing(matter) ?? judgeRoles(matter) ?? judgeJoins(matter);
}

function judgeIncoming({ before, change }: Matter): JudgeRefusal | null {
  const { userId } = change.committer;
  if (change.usersIn.length === 0) return null;
  if (!mayAdd(before.state, userId)) return 'role-add';
  const own = roleOf(before.state, userId);
  // Only an owner gives out roles; everybody else brings in plain members, or less.
  const highest = own === OWNER ? OWNER : Math.min(own, MEMBER);
  return change.usersIn.some((entry) => entry.role > highest) ? 'role-add' : null;
}

function judgeOutgoing({ before, change, evidence }: Matter): JudgeRefusal | null {
  const own = roleOf(before.state, change.committer.userId);
  for (const entry of change.usersOut) {
    const leave = evidence.leaves.get(entry.userId);
    if (leave !== undefined) {
      if (leave.since !== entry.since) return 'leave-evidence';
      continue;
    }
    if (!commands(own, entry.role)) return 'role-remove';
  }
  const out = new Set(change.usersOut.map((entry) => entry.userId));
  return [...evidence.leaves.keys()].some((userId) => !out.has(userId)) ? 'leave-evidence' : null;
}

function judgeRoles({ before, change }: Matter): JudgeRefusal | null {
  const own = roleOf(before.state, change.committer.userId);
  const staying = change.staying.map((pair) => pair.was);
  const heir = heirAmong(staying);
  const crowned = (entry: RosterEntry): boolean => entry.userId === heir?.userId;
  for (const { was, now } of change.staying) {
    if (crowned(was) && now.role !== OWNER) return 'no-owner';
    if (was.role === now.role || crowned(was)) continue;
    const lowered = now.role < was.role && commands(own, was.role);
    if (own !== OWNER && !lowered) return 'role-change';
  }
  return null;
}

function judgeJoins({ change, evidence }: Matter): JudgeRefusal | null {
  const incoming = new Map(change.usersIn.map((entry) => [entry.userId, entry]));
  for (const [userId, link] of evidence.joins) {
    const entry = incoming.get(userId);
    if (entry === undefined || entry.role > link.role) return 'join-evidence';
  }
  return null;
}
