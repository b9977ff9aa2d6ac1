import { equalBytes, type RosterEntry } from '@wisp/protocol';
import type { JudgeRefusal } from '../reasons.js';
import type { GroupView, Leaf } from '../types.js';
import type { FilledLeaf, JudgedCommit } from './judged-commit.js';

export interface AddedLeaf extends FilledLeaf {
  readonly leaf: Leaf;
}

/** What a commit does, read off both groups. */
export interface GroupChange {
  readonly committer: Leaf;
  readonly added: readonly AddedLeaf[];
  readonly removed: readonly Leaf[];
  readonly usersIn: readonly RosterEntry[];
  readonly usersOut: readonly RosterEntry[];
  /** Users in both rosters. */
  readonly staying: readonly { readonly was: RosterEntry; readonly now: RosterEntry }[];
  readonly roleChanges: readonly { readonly was: RosterEntry; readonly now: RosterEntry }[];
}

export type Comparison =
  | { readonly kind: 'compared'; readonly change: GroupChange }
  | { readonly kind: 'refused'; readonly reason: JudgeRefusal };

/** Compares both trees leaf by leaf and both rosters. Each difference has to be a proposal's or the committer's own. */
export function compareGroups(before: GroupView, commit: JudgedCommit, after: GroupView): Comparison {
  const was = byIndex(before.leaves);
  const now = byIndex(after.leaves);
  const adds = new Map(commit.adds.map((add) => [add.index, add]));
  const removes = new Set(commit.removes);
  const committer = was.get(commit.committer);
  const refused = (reason: JudgeRefusal): Comparison => ({ kind: 'refused', reason });
  if (committer === undefined || removes.has(committer.index)) return refused('leaf-changed');

  for (const index of new Set([...was.keys(), ...now.keys()])) {
    if (!explained(index)) return refused('leaf-changed');
  }
  const added: AddedLeaf[] = [];
  for (const [index, add] of adds) {
    const leaf = now.get(index);
    if (leaf === undefined) return refused('leaf-changed');
    added.push({ ...add, leaf });
  }
  const removed: Leaf[] = [];
  for (const index of removes) {
    const leaf = was.get(index);
    if (leaf === undefined) return refused('leaf-changed');
    removed.push(leaf);
  }

  const rosterBefore = new Map(before.state.roster.map((entry) => [entry.userId, entry]));
  const rosterAfter = new Map(after.state.roster.map((entry) => [entry.userId, entry]));
  const staying = after.state.roster.flatMap((entry) => {
    const earlier = rosterBefore.get(entry.userId);
    return earlier === undefined ? [] : [{ was: earlier, now: entry }];
  });
  return {
    kind: 'compared',
    change: {
      committer,
      added,
      removed,
      usersIn: after.state.roster.filter((entry) => !rosterBefore.has(entry.userId)),
      usersOut: before.state.roster.filter((entry) => !rosterAfter.has(entry.userId)),
      staying,
      roleChanges: staying.filter((pair) => pair.was.role !== pair.now.role),
    },
  };

  function explained(index: number): boolean {
    const old = was.get(index);
    const next = now.get(index);
    if (adds.has(index)) return old === undefined || removes.has(index);
    if (removes.has(index)) return next === undefined;
    if (old === undefined || next === undefined) return false;
    if (equalBytes(old.hash, next.hash)) return true;
    return index === commit.committer && sameDevice(old, next);
  }
}

/** A member may rotate its own keys, never who it is. */
function sameDevice(a: Leaf, b: Leaf): boolean {
  return a.userId === b.userId && a.deviceId === b.deviceId && equalBytes(a.signatureKey, b.signatureKey);
}

function byIndex(leaves: readonly Leaf[]): Map<number, Leaf> {
  return new Map(leaves.map((leaf) => [leaf.index, leaf]));
}
