import { admitWelcome, readWelcome, type ListedDevices, type ReadWelcome } from '@wisp/e2ee';
import {
  decodeBase64url,
  deleteWelcome,
  encodeBase64url,
  listWelcomes,
  type ConversationId,
  type ResponseOf,
} from '@wisp/protocol';
import type { Context } from './context.js';
import { findList } from './listed-devices.js';
import { newConversationRecord } from './new-record.js';
import { judgeReadiness, rejoin } from './rejoin.js';
import { Room } from './room.js';
import { sayQuietly } from './speak.js';
import { expectationOf, standingOf } from './standing.js';
import { tellStartedOver } from './started-over.js';

type WaitingWelcome = ResponseOf<typeof listWelcomes>['welcomes'][number];

/**
 * Joins every conversation that a Welcome waits for; trusts none of them (protocol §4, Joining). A refused Welcome
 * is dropped, and a right one still works after it. Answers the rooms that were joined; `waits`: one is for an entry that
 * this device hasn't read up to, or has read another of: the log may have been restored. Just synced, that is a refusal.
 */
export async function joinWaiting(
  context: Context,
  rooms: ReadonlyMap<ConversationId, Room>,
  { isSynced }: { isSynced: boolean },
): Promise<{ joined: Room[]; waits: boolean }> {
  const joined: Room[] = [];
  let waits = false;
  const done = new Set<string>();
  for (;;) {
    const result = await context.http.call(listWelcomes, {});
    if (result.kind !== 'ok') return { joined, waits };
    // A server that lists for ever what was deleted must not keep this turning.
    const waitingOnes = result.value.welcomes.filter(({ id }) => !done.has(id));
    if (waitingOnes.length === 0) return { joined, waits };
    for (const waiting of waitingOnes) {
      done.add(waiting.id);
      const known = rooms.get(waiting.conversation) ?? joined.find(({ id }) => id === waiting.conversation);
      const outcome = await join(context, waiting, known);
      // What comes before it has to be read first, or lists have to be fetched: it waits.
      if (outcome.kind === 'later' || (outcome.kind === 'contradicted' && !isSynced)) {
        waits = true;
        continue;
      }
      if (outcome.kind === 'joined') joined.push(outcome.room);
      const dropped = await context.http.call(deleteWelcome, { params: { welcome: waiting.id } });
      if (dropped.kind !== 'ok') return { joined, waits };
    }
  }
}

type JoinOutcome =
  | { kind: 'joined'; room: Room }
  /** A conversation that this device was in goes on. */
  | { kind: 'rejoined' }
  | { kind: 'refused' }
  /** Another entry stands at its place. */
  | { kind: 'contradicted' }
  | { kind: 'later' };

async function join(
  context: Context,
  waiting: WaitingWelcome,
  known: Room | undefined,
): Promise<JoinOutcome> {
  const reading = await readWelcome(decodeBase64url(waiting.welcome), {
    me: context.self,
    findKeyPackage: (ref: Uint8Array) => context.keyPackages.secret(ref),
  });
  if (reading.kind === 'refused') return reading;
  if (known !== undefined) return joinAgain(context, known, { waiting, read: reading.read });
  const lists = await wantedLists(context, reading.read);
  if (lists === 'unreachable') return { kind: 'later' };
  const admitted = await admitWelcome(reading.read, lists, {
    conversationId: waiting.conversation,
    knownGroups: [],
  });
  if (admitted.kind === 'refused') return admitted;
  return {
    kind: 'joined',
    room: await storeJoined(context, waiting, { read: reading.read, session: admitted.session }),
  };
}

/** A Welcome for a conversation that this device is in: a repair, or a next incarnation. */
async function joinAgain(
  context: Context,
  room: Room,
  { waiting, read }: { waiting: WaitingWelcome; read: ReadWelcome },
): Promise<JoinOutcome> {
  const lists = await wantedLists(context, read);
  if (lists === 'unreachable') return { kind: 'later' };
  return room.serial.run(async () => {
    const place = { seq: waiting.seq, groupId: encodeBase64url(read.group.groupId) };
    const readiness = judgeReadiness(room.record, place);
    if (readiness !== 'ready') return { kind: readiness };
    const admitted = await admitWelcome(read, lists, expectationOf(room.record));
    if (admitted.kind === 'refused') return admitted;
    const isIn = await rejoin(context, room, { waiting, read, session: admitted.session });
    return { kind: isIn ? 'rejoined' : 'contradicted' };
  });
}

/** The device lists that the roster names, fetched and chained. */
async function wantedLists(context: Context, read: ReadWelcome): Promise<ListedDevices[] | 'unreachable'> {
  const lists: ListedDevices[] = [];
  for (const { userId: user, version } of read.wantedLists) {
    if (user !== context.self.userId) {
      const found = await context.contacts.update(user, version);
      if (found.kind === 'unreachable') return 'unreachable';
    }
    const list = await findList(context, { user, version });
    if (list !== null) lists.push(list);
  }
  return lists;
}

async function storeJoined(
  context: Context,
  waiting: WaitingWelcome,
  welcome: { read: ReadWelcome; session: ReadWelcome['session'] },
): Promise<Room> {
  const { state } = welcome.read.group;
  const now = context.time.now();
  const hash = decodeBase64url(waiting.hash);
  const begun = newConversationRecord({
    ...state,
    state: 'joined',
    self: context.self.userId,
    users: state.roster.map(({ userId }) => userId),
    from: { seq: waiting.seq, hash: encodeBase64url(hash) },
    now,
  });
  const { record, changes } = await tellStartedOver(context, {
    ...begun,
    standing: standingOf(welcome.session),
  });
  const room = new Room(record);
  await room.save(context, {
    record,
    session: welcome.session,
    changes: [
      ...(await context.keyPackages.spend(welcome.read.keyPackageRef)),
      context.store.putHash(room.id, { seq: waiting.seq, hash }),
      ...changes,
    ],
  });
  // It exposes a server that lied about where the log stands (protocol §4, Joining).
  await sayQuietly(context, room, { say: { type: 'joined' }, about: null });
  return room;
}
