import { conversationState, equalBytes, limits, type ConversationState } from '@wisp/protocol';
import type { JudgeRefusal } from '../reasons.js';
import { mayEdit, OWNER } from './roles.js';
import type { Matter } from './matter.js';

/** What ConversationState may become (protocol §3): who it is never moves, each change counts one version up. */
export function judgeState({ before, after, commit, change }: Matter): JudgeRefusal | null {
  const was = before.state;
  const now = after.state;
  const same = (part: (state: ConversationState) => ConversationState): boolean =>
    equalBytes(conversationState.encode(part(was)), conversationState.encode(part(now)));

  if (
    was.conversationId !== now.conversationId ||
    was.kind !== now.kind ||
    was.incarnation !== now.incarnation
  ) {
    return 'state-identity';
  }
  // Everything but the parent is held equal, so that the encodings differ by it alone.
  if (!same((state) => withParentOf(now, state))) return 'state-parent';
  if (now.version !== was.version + (commit.replacesContext ? 1 : 0)) return 'state-version';
  // A newcomer tells by `since` and version whether its user came with it: so each commit that adds counts.
  const adds = change.added.length > 0;
  if (adds && !commit.replacesContext) return 'state-version';
  if (!adds && commit.replacesContext && same((state) => ({ ...state, version: 1 }))) return 'state-version';
  if (change.staying.some((pair) => pair.was.since !== pair.now.since)) return 'state-since';
  if (change.usersIn.some((entry) => entry.since !== now.version)) return 'state-since';
  const ruled = same((state) => ({
    ...now,
    settings: state.settings,
    banned: state.banned,
    links: state.links,
  }));
  if (!ruled && !mayEdit(was, change.committer.userId)) return 'role-settings';
  return judgeShape(after);
}

function withParentOf(base: ConversationState, source: ConversationState): ConversationState {
  const copy = { ...base };
  delete copy.parent;
  return source.parent === undefined ? copy : { ...copy, parent: source.parent };
}

/** What holds of any group at any epoch; joiners ask it too. */
export function judgeShape({ state, leaves }: Matter['after']): JudgeRefusal | null {
  const users = new Set(state.roster.map((entry) => entry.userId));
  if (leaves.some((leaf) => !users.has(leaf.userId))) return 'leaf-without-user';
  if (new Set(leaves.map((leaf) => leaf.deviceId)).size !== leaves.length) return 'duplicate-device';
  if (state.banned.some((userId) => users.has(userId))) return 'banned-user';
  if (!state.roster.some((entry) => entry.role === OWNER)) return 'no-owner';
  if (state.kind === 'direct') {
    const pair = state.roster.length === 2 && state.roster.every((entry) => entry.role === OWNER);
    if (!pair) return 'direct-people';
  }
  if (state.kind === 'self' && state.roster.length !== 1) return 'self-people';
  // The number of users is the encoding's to bound.
  if (leaves.length > limits.devicesPerGroup) return 'limits';
  const devices = new Map<string, number>();
  for (const { userId } of leaves) devices.set(userId, (devices.get(userId) ?? 0) + 1);
  return Math.max(0, ...devices.values()) > limits.devicesPerUser ? 'limits' : null;
}
