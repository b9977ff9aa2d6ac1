import { createProposal, encodeMlsMessage, type LeafNode, type Proposal } from 'ts-mls';
import { commitInfo } from '@wisp/protocol';
import { certifyDevice, SUITE, viewGroup, type Session } from '../../../src/index.js';
import { loadSuite } from '../../../src/mls/suite.js';
import { openSession } from '../../../src/session/session-data.js';
import { craft, honestPath } from '../../craft.js';
import { forge, withMls } from '../../forge.js';
import { makeDevice, serverId } from '../../people.js';
import { built, placeOf, say, startWorld } from '../../world.js';
import type { Scene } from '../corpus.js';
import { startRecording } from '../record.js';

/** What MLS and our use of it refuse, whatever the commit would do. */
export async function recordFrames(): Promise<Scene> {
  const world = await startWorld({ alice: 4, mallory: 2 });
  const alice = placeOf(world, 'alice');
  const mallory = placeOf(world, 'mallory');
  const { put, forged, scene } = startRecording(world, alice);
  const suite = await loadSuite();
  const { mls } = openSession(mallory.session);
  const honest = await forge(world, mallory.session, {});
  const heal = await built(world, mallory, { kind: 'self-update' });

  await put('skipped malformed', 'one byte more', Uint8Array.of(...honest.bytes, 0));
  await put('skipped malformed', 'one byte less', honest.bytes.slice(0, -1));
  const flipped = honest.bytes.slice();
  flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1;
  await put('skipped unreadable', 'one bit flipped', flipped);
  const message = await say(world, { ...mallory }, 'no commit');
  await put('skipped not-a-commit', 'a message in its place', message.bytes);
  const removal: Proposal = { proposalType: 'remove', remove: { removed: 0 } };
  const proposed = await createProposal(mls, false, removal, suite);
  await put('skipped not-a-commit', 'a standalone proposal', encodeMlsMessage(proposed.message));
  await forged('skipped proposal-reference', 'a proposal by reference', {
    by: { ...mallory, session: withMls(mallory.session, () => proposed.newState) },
  });
  const other = await startWorld({ alice: 4, mallory: 2 });
  const foreign = await forge(other, placeOf(other, 'mallory').session, {});
  await put('skipped other-group', 'of another group', foreign.bytes);
  await forged('skipped other-epoch', 'of the next epoch', {
    by: { ...mallory, session: withMls(mallory.session, () => honest.next) },
  });
  await put('damaged own-unknown', 'of this very device', (await forge(world, alice.session, {})).bytes);

  const authenticatedData = commitInfo.encode(heal.commitInfo);
  const byValue = (...proposals: Proposal[]): Promise<Uint8Array> =>
    craft(mallory.session, {
      commit: {
        proposals: proposals.map((proposal) => ({ proposalOrRefType: 'proposal', proposal })),
        path: undefined,
      },
      authenticatedData,
    });
  const own = viewGroup(mallory.session).own.index;
  const ownRemoval: Proposal = { proposalType: 'remove', remove: { removed: own } };
  await put('skipped mls-rules', 'the committer out', await byValue(ownRemoval));
  const nobody: Proposal = { proposalType: 'remove', remove: { removed: 9 } };
  await put('skipped mls-rules', 'nobody out', await byValue(nobody));
  const context: Proposal = {
    proposalType: 'group_context_extensions',
    groupContextExtensions: { extensions: [] },
  };
  await put('skipped mls-rules', 'two contexts', await byValue(context, context));
  const reinit: Proposal = {
    proposalType: 'reinit',
    reinit: {
      groupId: new Uint8Array(32),
      version: 'mls10',
      cipherSuite: mls.groupContext.cipherSuite,
      extensions: [],
    },
  };
  await put('skipped proposal-type', 'a new group', await byValue(reinit));
  const psk: Proposal = {
    proposalType: 'psk',
    psk: { preSharedKeyId: { psktype: 'external', pskId: new Uint8Array(1), pskNonce: new Uint8Array(48) } },
  };
  await put('skipped proposal-type', 'a pre-shared key', await byValue(psk));

  const path = await honestPath(mallory.session);
  const shorter = { ...path, nodes: [] };
  const cut = await craft(mallory.session, { commit: { proposals: [], path: shorter }, authenticatedData });
  await put('skipped update-path', 'a path that is too short', cut);

  const disguised = (change: (leaf: LeafNode) => LeafNode): { by: typeof mallory } => ({
    by: { ...mallory, session: withLeaf(mallory.session, change) },
  });
  await forged(
    'skipped leaf-certificate',
    "the owner's certificate",
    disguised((leaf) => ({
      ...leaf,
      credential: { credentialType: 'basic', identity: alice.device.certificate },
    })),
  );
  const unknown = disguised((leaf) => ({
    ...leaf,
    capabilities: { ...leaf.capabilities, credentials: ['basic', 'x509'] },
    credential: { credentialType: 'x509', certificates: [Uint8Array.of(1)] },
  }));
  await forged('skipped leaf-credential', 'another kind of credential', { ...unknown, authenticatedData });
  const identity = await certifyDevice({
    identitySeed: mallory.human.identitySeed,
    serverId,
    deviceId: (await makeDevice(mallory.human.identitySeed, mallory.human.userId)).deviceId,
    leafSignatureKey: mallory.device.signatureKey.publicKey,
    suite: SUITE,
  });
  await forged(
    'skipped leaf-changed',
    'another device of hers',
    disguised((leaf) => ({ ...leaf, credential: { credentialType: 'basic', identity } })),
  );
  await forged(
    'skipped capabilities',
    'fewer capabilities',
    disguised((leaf) => ({ ...leaf, capabilities: { ...leaf.capabilities, extensions: [0xf0a1] } })),
  );
  await forged(
    'skipped leaf-extensions',
    'an extension in the leaf',
    disguised((leaf) => ({
      ...leaf,
      capabilities: { ...leaf.capabilities, extensions: [...leaf.capabilities.extensions, 0xf0a7] },
      extensions: [{ extensionType: 0xf0a7, extensionData: Uint8Array.of(1) }],
    })),
  );
  return scene;
}

function withLeaf(session: Session, change: (leaf: LeafNode) => LeafNode): Session {
  return withMls(session, (mls) => {
    const at = 2 * mls.privatePath.leafIndex;
    const node = mls.ratchetTree[at];
    if (node?.nodeType !== 'leaf') throw new Error('expected a leaf');
    const ratchetTree = mls.ratchetTree.slice();
    ratchetTree[at] = { nodeType: 'leaf', leaf: change(node.leaf) };
    return { ...mls, ratchetTree };
  });
}
