import { readCommitInfo, type LogHead, type Seq } from '@wisp/protocol';
import { openSession, sealSession } from '../src/session/session-data.js';
import type { PendingCommit, Session } from '../src/index.js';
import { falseTag, plantedKey, spoiltSecret } from './cheats.js';
import { forge } from './forge.js';

const cheats = {
  'planted-key': plantedKey,
  'spoilt-secret': spoiltSecret,
  'false-tag': falseTag,
};

export type Cheat = keyof typeof cheats;

export interface CheatingInput {
  readonly cheat: Cheat;
  readonly lastCommitSeq: Seq;
  readonly head: LogHead;
}

/** An empty commit that is publicly valid and cheats whoever has to open its path; its author can go on from it. */
export async function cheatingCommit(session: Session, input: CheatingInput): Promise<PendingCommit> {
  const { cheat, lastCommitSeq, head } = input;
  const suite = await cheats[cheat]();
  const forged = await forge({ newestCommitSeq: lastCommitSeq, head }, session, { suite });
  const { info } = readCommitInfo(forged.bytes);
  const mls = { ...forged.next, historicalReceiverData: new Map<never, never>() };
  return {
    commitId: info.commitId,
    commitInfo: info,
    bytes: forged.bytes,
    welcome: null,
    intent: { kind: 'self-update' },
    newSession: sealSession({ serverId: openSession(session).serverId, mls, ends: [] }),
  };
}
