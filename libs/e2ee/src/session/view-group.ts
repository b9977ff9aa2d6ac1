import type { ClientState, GroupContext, RatchetTree } from 'ts-mls';
import { readContextExtensions } from '../mls/context-extensions.js';
import { describeLeaves } from '../mls/leaf.js';
import { openSession } from './session-data.js';
import type { GroupView, Leaf, OwnView, Session } from './types.js';

export type GroupReading =
  | { readonly kind: 'ok'; readonly view: GroupView }
  | {
      readonly kind: 'refused';
      readonly reason: 'extensions' | 'state-malformed' | 'leaf-credential' | 'epoch';
    };

// A tree is shared by all sessions of its epoch; its certificates are decoded once.
const described = new WeakMap<RatchetTree, Leaf[] | null>();

function leavesOf(tree: RatchetTree): Leaf[] | null {
  const known = described.get(tree);
  if (known !== undefined) return known;
  const leaves = describeLeaves(tree);
  described.set(tree, leaves);
  return leaves;
}

/** Reads a group that others made; whatever isn't ours is refused. */
export function readGroup(context: GroupContext, tree: RatchetTree): GroupReading {
  const reading = readContextExtensions(context.extensions);
  if (reading.kind === 'refused') return reading;
  const leaves = leavesOf(tree);
  if (leaves === null) return { kind: 'refused', reason: 'leaf-credential' };
  if (context.epoch > BigInt(Number.MAX_SAFE_INTEGER)) return { kind: 'refused', reason: 'epoch' };
  return {
    kind: 'ok',
    view: {
      groupId: context.groupId,
      epoch: Number(context.epoch),
      transcriptHash: context.confirmedTranscriptHash,
      state: reading.state,
      leaves,
    },
  };
}

/** The same for a group that was judged before: anything odd is a fault. */
export function viewOf(mls: ClientState): GroupView {
  const reading = readGroup(mls.groupContext, mls.ratchetTree);
  if (reading.kind === 'refused')
    throw new Error(`a session holds a group that isn't ours: ${reading.reason}`);
  return reading.view;
}

/** Everything about a session that isn't secret. Throws when the session was corrupted. */
export function viewGroup(session: Session): OwnView {
  const { mls } = openSession(session);
  const view = viewOf(mls);
  const index = mls.privatePath.leafIndex;
  const own = view.leaves.find((leaf) => leaf.index === index);
  if (own === undefined) throw new Error('a session has no leaf of its own');
  return {
    ...view,
    own,
    epochAuthenticator: mls.keySchedule.epochAuthenticator,
    nextGeneration: nextGenerationOf(mls),
  };
}

/** The generation of the next message that this device seals (RFC 9420 §9.1). */
export function nextGenerationOf({ privatePath, secretTree }: ClientState): number {
  const ratchets = secretTree[2 * privatePath.leafIndex];
  if (ratchets === undefined) throw new Error('a session has no ratchets of its own');
  return ratchets.application.generation;
}
