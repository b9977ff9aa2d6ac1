import { createGroup, generateKeyPackageWithKey, type ClientState } from 'ts-mls';
import type { ConversationState, ParentGroup } from '@wisp/protocol';
import { capabilities } from '../mls/capabilities.js';
import { clientConfigOf, MAX_LIFETIME_SECONDS } from '../mls/client-config.js';
import { contextExtensions } from '../mls/context-extensions.js';
import { loadSuite } from '../mls/suite.js';
import { lists } from './judge/judge-devices.js';
import { judgeShape } from './judge/judge-state.js';
import { rosterEntry } from './judge/roles.js';
import { makeCommit } from './make-commit.js';
import { listEvidence, newEntry, readAdds } from './plan-commit.js';
import type { BeginInput, BuildOutcome, OwnDevice } from './types.js';
import { viewOf } from './view-group.js';

const GROUP_ID_BYTES = 32;

/**
 * An incarnation's group and its first commit, which adds everybody (protocol §3, §4). The creator stands alone at epoch
 * 0 until the log has taken the commit; `adoptPending` then gives the session of epoch 1.
 */
export async function beginConversation(input: BeginInput): Promise<BuildOutcome> {
  const { me, people, now, lastCommitSeq, head } = input;
  const state = firstState(input);
  const mls = await createOwnGroup(me, { state, now });
  const group = viewOf(mls);
  const deviceLists = people.map((person) => person.deviceList);
  const [own] = group.leaves;
  if (own === undefined || !deviceLists.some((list) => list.userId === me.userId && lists(list, own))) {
    return { kind: 'refused', reason: 'device-unlisted' };
  }
  const adds = await readAdds(input.keyPackages, deviceLists, { serverId: me.serverId, now });
  if (adds === null) return { kind: 'refused', reason: 'key-package' };
  const made = await makeCommit(mls, {
    group,
    plan: { state: null, adds, removes: [], evidence: listEvidence(deviceLists) },
    // Nobody was here before: the server takes the whole roster from the first commit.
    users: state.roster.map(({ userId, role }) => ({ userId, role })),
    intent: { kind: 'begin' },
    serverId: me.serverId,
    lastCommitSeq,
    head,
  });
  if (made === null) return { kind: 'refused', reason: 'limits' };
  const reason = judgeShape(made.after);
  return reason === null ? { kind: 'built', pending: made.pending } : { kind: 'refused', reason };
}

function firstState(input: BeginInput): ConversationState {
  const { conversationId, kind, incarnation, people, settings, follows: previous } = input;
  const version = (previous?.state.version ?? 0) + 1;
  const roster = people.map((person) => {
    const entry = previous === undefined ? undefined : rosterEntry(previous.state, person.userId);
    // Who was here stays since then: an old LeaveRequest must not fit the new group either.
    return newEntry(person, entry?.since ?? version);
  });
  return {
    version,
    conversationId,
    kind,
    incarnation,
    ...(previous === undefined ? {} : { parent: parentOf(previous) }),
    roster,
    settings,
    banned: previous?.state.banned ?? [],
    links: previous?.state.links ?? [],
  };
}

function parentOf({ groupId, epoch, transcriptHash }: NonNullable<BeginInput['follows']>): ParentGroup {
  return { groupId, epoch, transcriptHash };
}

async function createOwnGroup(
  me: OwnDevice,
  { state, now }: { state: ConversationState; now: number },
): Promise<ClientState> {
  const suite = await loadSuite();
  const notBefore = BigInt(Math.floor(now / 1000));
  const own = await generateKeyPackageWithKey(
    { credentialType: 'basic', identity: me.certificate },
    capabilities,
    { notBefore, notAfter: notBefore + MAX_LIFETIME_SECONDS },
    [],
    { publicKey: me.signatureKey.publicKey, signKey: me.signatureKey.secretKey },
    suite,
  );
  return createGroup(
    suite.rng.randomBytes(GROUP_ID_BYTES),
    own.publicPackage,
    own.privatePackage,
    contextExtensions(state),
    suite,
    clientConfigOf(me.serverId),
  );
}
