import {
  deviceList,
  equalBytes,
  joinRequest,
  leaveRequest,
  repairRequest,
  statement,
  type ConversationLink,
  type DeviceId,
  type LeaveRequest,
  type RepairRequest,
  type Statement,
  type UserId,
} from '@wisp/protocol';
import { verifyDeviceStatement } from '../../identity/device-statements.js';
import { verifyJoinMac } from '../../identity/join-mac.js';
import { decodeOrNull } from '../../identity/refused.js';
import { verifyDeviceList, type VerifiedDeviceList } from '../../identity/verify-device-list.js';
import type { JudgeRefusal } from '../reasons.js';
import type { GroupView } from '../types.js';
import type { JudgedCommit } from './judged-commit.js';

/** The statements that a commit carries, each verified; whether they fit the change is still to be judged. */
export interface Evidence {
  readonly lists: ReadonlyMap<UserId, VerifiedDeviceList>;
  readonly leaves: ReadonlyMap<UserId, LeaveRequest>;
  readonly repairs: ReadonlyMap<DeviceId, RepairRequest>;
  /** By which link a user asked to come in. */
  readonly joins: ReadonlyMap<UserId, ConversationLink>;
}

export type EvidenceReading =
  | { readonly kind: 'read'; readonly evidence: Evidence }
  | { readonly kind: 'refused'; readonly reason: JudgeRefusal };

interface Gathered {
  lists: Map<UserId, VerifiedDeviceList>;
  leaves: Map<UserId, LeaveRequest>;
  repairs: Map<DeviceId, RepairRequest>;
  joins: Map<UserId, ConversationLink>;
}

interface Context {
  readonly before: GroupView;
  readonly commit: JudgedCommit;
  readonly gathered: Gathered;
}

/** Verifies each statement by its signature, its server and its conversation. */
export async function readEvidence(before: GroupView, commit: JudgedCommit): Promise<EvidenceReading> {
  const gathered: Gathered = { lists: new Map(), leaves: new Map(), repairs: new Map(), joins: new Map() };
  const context: Context = { before, commit, gathered };
  // Device lists come first: a JoinRequest is signed by a device that only its user's list names.
  const ordered = [...commit.info.evidence].sort(
    (a, b) => Number(b.type === 'device-list') - Number(a.type === 'device-list'),
  );
  for (const each of ordered) {
    const reason = await readStatement(each, context);
    if (reason !== null) return { kind: 'refused', reason };
  }
  return { kind: 'read', evidence: gathered };
}

function readStatement(each: Statement, context: Context): Promise<JudgeRefusal | null> {
  switch (each.type) {
    case 'device-list':
      return readDeviceList(each, context);
    case 'leave-request':
      return readLeaveRequest(each, context);
    case 'repair-request':
      return readRepairRequest(each, context);
    case 'join-request':
      return readJoinRequest(each, context);
    case 'profile':
      return Promise.resolve('evidence-unused');
  }
}

async function readDeviceList(each: Statement, { commit, gathered }: Context): Promise<JudgeRefusal | null> {
  const list = decodeOrNull(deviceList, each.body);
  if (list === null) return 'device-evidence';
  if (gathered.lists.has(list.userId)) return 'evidence-unused';
  const owner = { serverId: commit.serverId, userId: list.userId };
  const verdict = await verifyDeviceList(statement.encode(each), owner);
  if (verdict.kind === 'refused') return 'evidence-signature';
  gathered.lists.set(list.userId, verdict.list);
  return null;
}

async function readLeaveRequest(each: Statement, context: Context): Promise<JudgeRefusal | null> {
  const { before, commit, gathered } = context;
  const request = decodeOrNull(leaveRequest, each.body);
  if (request === null || request.conversationId !== before.state.conversationId) return 'leave-evidence';
  if (gathered.leaves.has(request.userId)) return 'evidence-unused';
  const devices = before.leaves.filter((leaf) => leaf.userId === request.userId);
  const verdict = await verifyDeviceStatement(statement.encode(each), {
    type: 'leave-request',
    serverId: commit.serverId,
    signatureKeys: devices.map((leaf) => leaf.signatureKey),
  });
  if (verdict.kind === 'refused') return 'evidence-signature';
  gathered.leaves.set(request.userId, request);
  return null;
}

async function readRepairRequest(each: Statement, context: Context): Promise<JudgeRefusal | null> {
  const { before, commit, gathered } = context;
  const request = decodeOrNull(repairRequest, each.body);
  if (request === null || request.conversationId !== before.state.conversationId) return 'repair-evidence';
  if (gathered.repairs.has(request.deviceId)) return 'evidence-unused';
  const device = before.leaves.find((leaf) => leaf.deviceId === request.deviceId);
  if (device === undefined) return 'repair-evidence';
  const verdict = await verifyDeviceStatement(statement.encode(each), {
    type: 'repair-request',
    serverId: commit.serverId,
    signatureKeys: [device.signatureKey],
  });
  if (verdict.kind === 'refused') return 'evidence-signature';
  gathered.repairs.set(request.deviceId, request);
  return null;
}

async function readJoinRequest(each: Statement, context: Context): Promise<JudgeRefusal | null> {
  const { before, commit, gathered } = context;
  const request = decodeOrNull(joinRequest, each.body);
  const { conversationId, links } = before.state;
  if (request === null || request.conversationId !== conversationId) return 'join-evidence';
  if (gathered.joins.has(request.userId)) return 'evidence-unused';
  const devices = gathered.lists.get(request.userId)?.devices ?? [];
  const verdict = await verifyDeviceStatement(statement.encode(each), {
    type: 'join-request',
    serverId: commit.serverId,
    signatureKeys: devices.map((device) => device.signatureKey),
  });
  if (verdict.kind === 'refused') return 'evidence-signature';
  const link = links.find((known) => equalBytes(known.linkId, request.linkId));
  if (link === undefined) return 'join-evidence';
  const named = { linkSecret: link.secret, userId: request.userId, conversationId };
  if (!(await verifyJoinMac(request.mac, named))) return 'join-evidence';
  gathered.joins.set(request.userId, link);
  return null;
}
