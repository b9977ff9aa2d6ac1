import { createHash } from 'node:crypto';
import {
  encodeMembers,
  equalBytes,
  type CommitInfo,
  type DeviceId,
  type RoleNumber,
  type Seq,
} from '@wisp/protocol';
import { checkDevices } from './check-devices.js';
import { checkPeople } from './check-people.js';
import type { CommitDelta } from './commit-delta.js';
import {
  membershipAfter,
  membershipBefore,
  OWNER,
  type CommitContext,
  type CommitMatter,
  type Membership,
} from './commit-matter.js';
import type { CommitRefusal } from './commit-refusal.js';
import { readEvidence } from './evidence.js';
import { opensLog } from './member-table.js';
import { isMemberDevice, isMemberUser, type Projection } from './projection.js';

export type Standing =
  | { readonly kind: 'ok' }
  /** Says nothing about why: the caller may not even learn that the conversation exists. */
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'stale'; readonly newestCommitSeq: Seq }
  | { readonly kind: 'incarnation-exists' }
  | { readonly kind: 'refused'; readonly reason: CommitRefusal };

export type CommitVerdict =
  | Exclude<Standing, { kind: 'ok' }>
  | { readonly kind: 'allowed'; readonly delta: CommitDelta; readonly isLimited: boolean };

/** Whether the caller may speak here, of this conversation, at this place in its log. Needs no facts. */
export function checkStanding(
  projection: Projection,
  info: CommitInfo,
  { caller, opens, table }: Pick<CommitContext, 'caller' | 'opens' | 'table'>,
): Standing {
  const refused = (reason: CommitRefusal): Standing => ({ kind: 'refused', reason });
  if (opens === undefined && !isMemberDevice(projection, caller)) return { kind: 'forbidden' };
  if (opens === 'incarnation' && !isMemberUser(projection, caller.user)) return { kind: 'forbidden' };
  if (info.conversationId !== projection.conversation) return refused('info-conversation');
  if (info.convKind !== projection.kind) return refused('info-kind');
  if (opens === 'incarnation' && info.incarnation <= projection.incarnation)
    return { kind: 'incarnation-exists' };
  if (opens === 'create' && info.lastCommitSeq !== 0) return refused('info-head');
  if (info.lastCommitSeq !== table.newestCommitSeq)
    return { kind: 'stale', newestCommitSeq: table.newestCommitSeq };
  if (info.incarnation !== projection.incarnation + (opens === undefined ? 0 : 1))
    return refused('info-incarnation');
  return isHeadSound(info) ? { kind: 'ok' } : refused('info-head');
}

function isHeadSound({ lastCommitSeq, head }: CommitInfo): boolean {
  if (lastCommitSeq > 0) return head.seq >= lastCommitSeq;
  return head.seq === 0 && head.hash.every((byte) => byte === 0);
}

/** Judges a commit by all rules of `protocol.md` §3-4 that the server can see. Pure. */
export function checkCommitInfo(
  projection: Projection,
  info: CommitInfo,
  context: CommitContext,
): CommitVerdict {
  const standing = checkStanding(projection, info, context);
  if (standing.kind !== 'ok') return standing;
  const refused = (reason: CommitRefusal): CommitVerdict => ({ kind: 'refused', reason });
  const evidence = readEvidence(info.evidence, {
    serverId: context.facts.serverId,
    conversationId: projection.conversation,
  });
  if (evidence === null) return refused('evidence-malformed');
  const before = membershipBefore(projection, context);
  const after = membershipAfter(before, { info, context, projection });
  if (typeof after === 'string') return refused(after);
  const matter: CommitMatter = { kind: projection.kind, projection, info, context, evidence, before, after };
  const reason = checkPeople(matter) ?? checkDevices(matter) ?? checkMembersHash(matter);
  if (reason !== null) return refused(reason);
  return {
    kind: 'allowed',
    delta: deltaOf(matter),
    isLimited: context.opens !== 'create' && info.removes.length === 0,
  };
}

function checkMembersHash({ info, after }: CommitMatter): CommitRefusal | null {
  const members = [...rolesOf(after)].map(([deviceId, { user, role }]) => ({ userId: user, deviceId, role }));
  const hash = createHash('sha256').update(encodeMembers(members)).digest();
  return equalBytes(hash, info.members) ? null : 'info-members';
}

/**
 * The change from what stands to what the commit says, for the log's member table and for the projection: what was
 * there before a new group may be another thing in either, when the log was restored.
 */
function deltaOf(matter: CommitMatter): CommitDelta {
  const { projection, info, after, evidence, context } = matter;
  const { members } = context.table;
  const repaired = new Set(evidence.repairs.keys());
  const stays = (device: DeviceId) =>
    projection.devices.has(device) && members.has(device) && !repaired.has(device);
  const isKnown = (device: DeviceId) =>
    projection.devices.has(device) || projection.departed.has(device) || members.has(device);
  // A creator's own device is the log's to enter, with the conversation.
  const creates = opensLog({ delta: context, lastCommitSeq: info.lastCommitSeq });
  const isCreator = (device: DeviceId) => creates && device === context.caller.device;
  const adds = [...rolesOf(after)]
    .filter(([device]) => !isCreator(device) && !stays(device))
    .map(([device, { user, role }]) => ({ user, device, role }));
  const users = [...after.users].flatMap(([user, role]) => {
    const known = projection.users.get(user);
    const listVersion = evidence.lists.get(user)?.version;
    const isSame = known?.role === role && (listVersion ?? known.listVersion) === known.listVersion;
    return isSame ? [] : [{ user, role, ...(listVersion !== undefined && { listVersion }) }];
  });
  const out = [...projection.users.keys()].filter((user) => !after.users.has(user));
  return {
    kind: projection.kind,
    ...(context.opens !== undefined && { opens: context.opens }),
    incarnation: info.incarnation,
    adds,
    removes: [...new Set([...projection.devices.keys(), ...members.keys()])].filter(
      (device) => !after.devices.has(device) || repaired.has(device),
    ),
    readmit: adds.map(({ device }) => device).filter(isKnown),
    roles: movedRoles(matter, { creates }),
    users: [...users, ...out.map((user) => ({ user, role: 0 as const }))],
    welcomed: info.adds.map(({ userId, deviceId }) => ({ user: userId, device: deviceId })),
  };
}

/** Users of the log's member table whose role is another one after the commit. */
function movedRoles(
  { after, context }: CommitMatter,
  { creates }: { creates: boolean },
): CommitDelta['roles'] {
  const before = new Map([...context.table.members.values()].map(({ user, role }) => [user, role]));
  if (creates) before.set(context.caller.user, OWNER);
  return [...after.users].flatMap(([user, role]) =>
    before.has(user) && before.get(user) !== role ? [{ user, role }] : [],
  );
}

function* rolesOf({ users, devices }: Membership) {
  for (const [device, user] of devices) {
    const role: RoleNumber | undefined = users.get(user);
    if (role !== undefined) yield [device, { user, role }] as const;
  }
}
