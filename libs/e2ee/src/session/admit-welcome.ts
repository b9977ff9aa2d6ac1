import { equalBytes, type ConversationState, type RosterEntry } from '@wisp/protocol';
import { suffices } from '../mls/capabilities.js';
import { checkLeaf } from '../mls/leaf.js';
import { areKeysUnique } from './apply-path.js';
import { lists } from './judge/judge-devices.js';
import { judgeShape } from './judge/judge-state.js';
import { ADMIN, mayAdd, roleOf, rosterEntry } from './judge/roles.js';
import type { JudgeRefusal, WelcomeRefusal } from './reasons.js';
import { openSession } from './session-data.js';
import type { ListedDevices, ReadWelcome, WelcomeExpectation, WelcomeOutcome } from './types.js';

interface Question {
  readonly read: ReadWelcome;
  readonly deviceLists: readonly ListedDevices[];
  readonly expected: WelcomeExpectation;
}

/**
 * Whether to join (protocol §4, Joining: it trusts no Welcome). `deviceLists` are those of `read.wantedLists`, fetched and
 * chained. A refused Welcome has changed nothing: the right one still works after it, as its KeyPackage is unspent.
 */
export async function admitWelcome(
  read: ReadWelcome,
  deviceLists: readonly ListedDevices[],
  expected: WelcomeExpectation,
): Promise<WelcomeOutcome> {
  const question = { read, deviceLists, expected };
  const reason =
    checkPlace(question) ??
    (await checkLeaves(read)) ??
    checkShape(read) ??
    checkPeople(question) ??
    checkAdder(question) ??
    checkSuccession(question) ??
    checkLists(question);
  return reason === null ? { kind: 'admitted', session: read.session } : { kind: 'refused', reason };
}

/** It is of this conversation, and of a moment that this engine hasn't seen. */
function checkPlace({ read, expected }: Question): WelcomeRefusal | null {
  const { group } = read;
  if (group.state.conversationId !== expected.conversationId) return 'conversation';
  if (expected.kind !== undefined && group.state.kind !== expected.kind) return 'kind';
  const known = expected.knownGroups.find((each) => equalBytes(each.groupId, group.groupId));
  if (known !== undefined && group.epoch <= known.epoch) return 'epoch';
  const previous = expected.previous?.state;
  if (previous === undefined) return null;
  if (group.state.kind !== previous.kind) return 'kind';
  // Another group under the same number is no successor.
  const next = previous.incarnation + (known === undefined ? 1 : 0);
  return group.state.incarnation < next ? 'incarnation' : null;
}

async function checkLeaves(read: ReadWelcome): Promise<WelcomeRefusal | null> {
  const { mls, serverId } = openSession(read.session);
  for (const node of mls.ratchetTree) {
    if (node?.nodeType !== 'leaf') continue;
    if (!suffices(node.leaf.capabilities)) return 'capabilities';
    const verdict = await checkLeaf(node.leaf, serverId);
    if (verdict.kind === 'refused') return 'leaf-certificate';
  }
  return areKeysUnique(mls.ratchetTree) ? null : 'mls-rules';
}

function checkShape({ group }: ReadWelcome): WelcomeRefusal | null {
  const reason = judgeShape(group);
  return reason === null ? null : shapeRefusal(reason);
}

function shapeRefusal(reason: JudgeRefusal): WelcomeRefusal {
  switch (reason) {
    case 'leaf-without-user':
    case 'duplicate-device':
    case 'direct-people':
    case 'self-people':
    case 'no-owner':
    case 'limits':
      return reason;
    default:
      return 'state-malformed';
  }
}

/** A direct group holds exactly me and that peer; that they are two, its shape says, and so that I am alone in mine. */
function checkPeople({ read, expected }: Question): WelcomeRefusal | null {
  const { state, own } = read.group;
  if (state.kind !== 'direct' || expected.peer === undefined) return null;
  const peer = state.roster.find((entry) => entry.userId !== own.userId);
  return peer?.userId === expected.peer ? null : 'direct-people';
}

/** Whoever brings in a new user needs the right to; devices of a user who was here may come by anybody's commit. */
function checkAdder({ read }: Question): WelcomeRefusal | null {
  const { state, own } = read.group;
  const isNewUser = rosterEntry(state, own.userId)?.since === state.version;
  return isNewUser && !mayAdd(state, read.adder.userId) ? 'signer-may-not-add' : null;
}

/** The first commit of a next incarnation (protocol §4): a right that its creator had, a roster within the last one. */
function checkSuccession({ read, expected }: Question): WelcomeRefusal | null {
  const { group } = read;
  const { previous } = expected;
  if (previous === undefined || group.state.incarnation === previous.state.incarnation) return null;
  const creator = roleOf(previous.state, read.adder.userId);
  // Later commits of the new incarnation may have changed the roster by its own rules.
  const isFirst = group.epoch === 1;
  if (isFirst && creator < ADMIN) return 'signer-may-not-add';
  if (!parentFits({ read, expected })) return 'previous-roster';
  const within = (entry: RosterEntry): boolean => staysWithin(entry, previous.state);
  if ((isFirst || group.state.kind === 'direct') && !group.state.roster.every(within))
    return 'previous-roster';
  const removed = new Set(previous.removedUsers);
  return isFirst && group.state.roster.some((entry) => removed.has(entry.userId)) ? 'previous-roster' : null;
}

function staysWithin(entry: RosterEntry, previous: ConversationState): boolean {
  return entry.role <= roleOf(previous, entry.userId);
}

/** The parent, where it names a moment that this engine knows, is that moment. */
function parentFits({ read, expected }: Omit<Question, 'deviceLists'>): boolean {
  const { parent } = read.group.state;
  if (parent === undefined) return read.group.state.kind === 'direct';
  const known = expected.knownGroups.find((each) => equalBytes(each.groupId, parent.groupId));
  if (known?.transcriptHash === undefined || known.epoch !== parent.epoch) return true;
  return equalBytes(known.transcriptHash, parent.transcriptHash);
}

/** Every leaf stands in its user's device list, and that list is the one that the roster names. */
function checkLists({ read, deviceLists }: Question): WelcomeRefusal | null {
  const { state, leaves } = read.group;
  for (const entry of state.roster) {
    const list = deviceLists.find(
      (each) => each.userId === entry.userId && each.version === entry.listVersion,
    );
    if (list === undefined) return 'device-list-missing';
    if (!equalBytes(list.hash, entry.listHash)) return 'device-list-version';
    const devices = leaves.filter((leaf) => leaf.userId === entry.userId);
    if (!devices.every((leaf) => lists(list, leaf))) return 'device-unlisted';
  }
  return null;
}
