import type { KeyPackage } from 'ts-mls';
import {
  conversationState,
  equalBytes,
  limits,
  statement,
  unreachable,
  type ConversationState,
  type RosterEntry,
  type ServerId,
  type Statement,
  type UserId,
} from '@wisp/protocol';
import { decodeOrNull } from '../identity/refused.js';
import { checkKeyPackage, readKeyPackage } from './check-key-package.js';
import { lists } from './judge/judge-devices.js';
import { heirAmong, OWNER, rosterEntry } from './judge/roles.js';
import type { BuildRefusal } from './reasons.js';
import { readLeaveRequest, readRepairRequest } from './statements-in.js';
import type { DeviceRef, GroupView, Intent, Leaf, ListedDevices, Person } from './types.js';

export interface PlannedAdd extends DeviceRef {
  readonly keyPackage: KeyPackage;
  readonly ref: Uint8Array;
}

/** What a commit is to contain. */
export interface Plan {
  /** The state after it, where it changes. */
  readonly state: ConversationState | null;
  readonly adds: readonly PlannedAdd[];
  readonly removes: readonly Leaf[];
  readonly evidence: readonly Statement[];
}

export type Planning =
  | { readonly kind: 'planned'; readonly plan: Plan }
  | { readonly kind: 'refused'; readonly reason: BuildRefusal };

export interface PlanContext {
  readonly group: GroupView;
  readonly serverId: ServerId;
  /** Server time. */
  readonly now: number;
}

const refused = (reason: BuildRefusal): Planning => ({ kind: 'refused', reason });

/** What an intent means under the current state. Whether it is allowed, `judge` says of the commit that was built. */
export async function planCommit(intent: Intent, context: PlanContext): Promise<Planning> {
  const { state } = context.group;
  switch (intent.kind) {
    case 'begin':
      return refused('nothing-to-do');
    case 'self-update':
      return planned({ state: null });
    case 'settings':
      return changed(context, { ...state, settings: { ...state.settings, ...intent.change } });
    case 'links':
      return changed(context, { ...state, links: [...intent.links] });
    case 'bans': {
      const banned = new Set(intent.banned);
      return changed(context, { ...without(state, banned), banned: [...banned] });
    }
    case 'remove':
      return changed(context, without(state, new Set(intent.users)));
    case 'roles': {
      const roles = new Map(intent.roles.map(({ userId, role }) => [userId, role]));
      const roster = state.roster.map((entry) => ({ ...entry, role: roles.get(entry.userId) ?? entry.role }));
      return changed(context, { ...state, roster });
    }
    case 'leave':
      return planLeave(intent.requests, context);
    case 'add':
      return planAdd(intent, context);
    case 'devices':
      return planDevices(intent, context);
    case 'repair':
      return planRepair(intent.request, context);
    default:
      return unreachable(intent);
  }
}

function planned(plan: Partial<Plan>): Planning {
  return { kind: 'planned', plan: { state: null, adds: [], removes: [], evidence: [], ...plan } };
}

/** The change to another state; the leaves of users who aren't in it go. */
function changed(context: PlanContext, next: ConversationState, more: Partial<Plan> = {}): Planning {
  const { state, leaves } = context.group;
  if (equalBytes(conversationState.encode(state), conversationState.encode(next)))
    return refused('nothing-to-do');
  const users = new Set(next.roster.map((entry) => entry.userId));
  const removes = leaves.filter((leaf) => !users.has(leaf.userId));
  return planned({
    ...more,
    state: { ...next, version: state.version + 1 },
    removes: [...removes, ...(more.removes ?? [])],
  });
}

/** The state without these users; it is never left without an owner. */
function without(state: ConversationState, users: ReadonlySet<UserId>): ConversationState {
  const staying = state.roster.filter((entry) => !users.has(entry.userId));
  const heir = heirAmong(staying);
  const roster = staying.map((entry) => (entry === heir ? { ...entry, role: OWNER } : entry));
  return { ...state, roster };
}

function planLeave(requests: readonly Uint8Array[], context: PlanContext): Planning {
  const { state } = context.group;
  const said = requests.map(readLeaveRequest).filter((each) => each !== null);
  const current = said.filter(({ body }) => rosterEntry(state, body.userId)?.since === body.since);
  const leaving = new Set(current.map(({ body }) => body.userId));
  return changed(context, without(state, leaving), { evidence: current.map((each) => each.statement) });
}

async function planAdd(intent: Intent & { kind: 'add' }, context: PlanContext): Promise<Planning> {
  const { state } = context.group;
  const people = intent.people.filter((person) => rosterEntry(state, person.userId) === undefined);
  const adds = await readAdds(
    intent.keyPackages,
    people.map((person) => person.deviceList),
    context,
  );
  if (adds === null) return refused('key-package');
  const joins = (intent.joinRequests ?? []).map((bytes) => decodeOrNull(statement, bytes));
  if (joins.some((each) => each === null)) return refused('join-evidence');
  const roster = [...state.roster, ...people.map((person) => newEntry(person, state.version + 1))];
  // One more is no state any more: its encoding refuses it.
  if (roster.length > limits.usersPerGroup) return refused('limits');
  return changed(
    context,
    { ...state, roster },
    {
      adds,
      evidence: [
        ...listEvidence(people.map((person) => person.deviceList)),
        ...joins.filter((each) => each !== null),
      ],
    },
  );
}

/** Adds the listed devices that are missing, removes the others, follows the lists. */
async function planDevices(intent: Intent & { kind: 'devices' }, context: PlanContext): Promise<Planning> {
  const { state, leaves } = context.group;
  const followed: ListedDevices[] = [];
  const removes: Leaf[] = [];
  for (const list of intent.lists) {
    const entry = rosterEntry(state, list.userId);
    if (entry === undefined || list.version < entry.listVersion) continue;
    followed.push(list);
    removes.push(...leaves.filter((leaf) => leaf.userId === list.userId && !lists(list, leaf)));
  }
  const kept = leaves.filter((leaf) => !removes.includes(leaf));
  const all = await readAdds(intent.keyPackages, followed, context);
  if (all === null) return refused('key-package');
  const adds = all.filter((add) => !kept.some((leaf) => leaf.deviceId === add.deviceId));
  const touched = new Set([...adds, ...removes].map((device) => device.userId));
  const raised = followed.filter(
    (list) => touched.has(list.userId) || list.version > (rosterEntry(state, list.userId)?.listVersion ?? 0),
  );
  if (raised.length === 0) return refused('nothing-to-do');
  const evidence = listEvidence(raised);
  const roster = state.roster.map((entry) => follow(entry, raised));
  const next = { ...state, roster };
  if (adds.length === 0) return changed(context, next, { removes, evidence });
  return planned({ state: { ...next, version: state.version + 1 }, adds, removes, evidence });
}

async function planRepair(bytes: Uint8Array, context: PlanContext): Promise<Planning> {
  const request = readRepairRequest(bytes);
  const leaf = context.group.leaves.find((each) => each.deviceId === request?.body.deviceId);
  if (request === null || leaf === undefined) return refused('repair-evidence');
  // It was answered: the tree holds another leaf of that device by now.
  if (!equalBytes(leaf.hash, request.body.leafHash)) return refused('nothing-to-do');
  const { userId, deviceId, signatureKey } = leaf;
  const ofLeaf: ListedDevices = {
    userId,
    version: 1,
    hash: new Uint8Array(),
    statement: new Uint8Array(),
    devices: [{ deviceId, signatureKey }],
  };
  const adds = await readAdds([request.body.keyPackage], [ofLeaf], context);
  if (adds === null) return refused('key-package');
  const { state } = context.group;
  // The new leaf tells by the version that its user was here before.
  const next = { ...state, version: state.version + 1 };
  return planned({ state: next, adds, removes: [leaf], evidence: [request.statement] });
}

export function newEntry(person: Person, since: number): RosterEntry {
  const { userId, role, deviceList } = person;
  return { userId, role, since, listVersion: deviceList.version, listHash: deviceList.hash };
}

function follow(entry: RosterEntry, raised: readonly ListedDevices[]): RosterEntry {
  const list = raised.find((each) => each.userId === entry.userId);
  return list === undefined ? entry : { ...entry, listVersion: list.version, listHash: list.hash };
}

export function listEvidence(followed: readonly ListedDevices[]): Statement[] {
  return followed.map((list) => statement.decode(list.statement));
}

/** Null when a package isn't good for any of the lists' devices, now. */
export async function readAdds(
  keyPackages: readonly Uint8Array[],
  deviceLists: readonly ListedDevices[],
  { serverId, now }: Pick<PlanContext, 'serverId' | 'now'>,
): Promise<PlannedAdd[] | null> {
  const adds: PlannedAdd[] = [];
  for (const bytes of keyPackages) {
    const keyPackage = readKeyPackage(bytes);
    if (keyPackage === null) return null;
    const add = await readAdd(bytes, deviceLists, { serverId, now });
    if (add === null) return null;
    adds.push({ ...add, keyPackage });
  }
  return adds;
}

async function readAdd(
  bytes: Uint8Array,
  deviceLists: readonly ListedDevices[],
  { serverId, now }: Pick<PlanContext, 'serverId' | 'now'>,
): Promise<Omit<PlannedAdd, 'keyPackage'> | null> {
  for (const deviceList of deviceLists) {
    const check = await checkKeyPackage(bytes, { deviceList, serverId, now });
    if (check.kind === 'ok') return { userId: check.userId, deviceId: check.deviceId, ref: check.ref };
  }
  return null;
}
