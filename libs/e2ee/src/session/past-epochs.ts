import type { ClientState } from 'ts-mls';
import { addHistoricalReceiverData } from 'ts-mls/clientState.js';
import { openSession, sealSession, type EpochEnd, type SessionData } from './session-data.js';
import type { Session } from './types.js';

/** A past epoch's keys go this long after the commit that ended it, in ms of log time (protocol §5). */
const KEPT_MS = 130_000;

/**
 * The session without the keys of epochs that ended 2 min 10 s before `logTime` (server time of an entry, or of now);
 * the third newer commit takes them anyway. The same value when nothing was due.
 */
export function forgetPastEpochs(session: Session, logTime: number): Session {
  const data = openSession(session);
  const ends = data.ends.filter((end) => end.at + KEPT_MS > logTime);
  if (ends.length === data.ends.length) return session;
  return sealSession({ ...data, ends, mls: keepEpochs(data.mls, ends) });
}

function keepEpochs(mls: ClientState, ends: readonly EpochEnd[]): ClientState {
  const kept = new Set(ends.map((end) => BigInt(end.epoch)));
  const past = [...mls.historicalReceiverData].filter(([epoch]) => kept.has(epoch));
  return { ...mls, historicalReceiverData: new Map(past) };
}

export interface EpochChange {
  /** The session that the commit ended, as it stood when the commit came. */
  readonly before: SessionData;
  /** Server time of the commit. */
  readonly at: number;
  /** The commit removed somebody, or began the group. */
  readonly forgets: boolean;
}

/**
 * The state of the new epoch as a session. It takes the past epochs from `before`: receiving went on there while a commit
 * of our own was under way. After a removal nothing of the past is accepted any more, so nothing is kept.
 */
export function enterEpoch(next: ClientState, { before, at, forgets }: EpochChange): SessionData {
  const serverId = before.serverId;
  const mls = withoutBlankKeys(next);
  if (forgets) return { serverId, mls: { ...mls, historicalReceiverData: new Map() }, ends: [] };
  const [past] = addHistoricalReceiverData(before.mls);
  const ended = { epoch: Number(before.mls.groupContext.epoch), at };
  const ends = [...before.ends, ended].filter((end) => past.has(BigInt(end.epoch)));
  return { serverId, mls: keepEpochs({ ...mls, historicalReceiverData: past }, ends), ends };
}

/** Keys of nodes that were blanked are of no use but to a thief. */
function withoutBlankKeys(mls: ClientState): ClientState {
  const privateKeys = Object.fromEntries(
    Object.entries(mls.privatePath.privateKeys).filter(
      ([index]) => mls.ratchetTree[Number(index)] !== undefined,
    ),
  );
  return { ...mls, privatePath: { ...mls.privatePath, privateKeys } };
}
