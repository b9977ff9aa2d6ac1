import { describe, expect, test } from '@jest/globals';
import {
  createGroupInfoWithExternalPubAndRatchetTree,
  createProposal,
  emptyPskIndex,
  encodeMlsMessage,
  joinGroupExternal,
  processPrivateMessage,
  type LeafNode,
  type Proposal,
} from 'ts-mls';
import { certifyDevice, SUITE, viewGroup } from '../src/index.js';
import { clientConfigOf } from '../src/mls/client-config.js';
import { decodeMessage } from '../src/mls/codec.js';
import { loadSuite, SUITE_NAME } from '../src/mls/suite.js';
import { decodeKeyPackageSecrets } from '../src/session/key-package-secrets.js';
import { openSession } from '../src/session/session-data.js';
import { honestPath } from './craft.js';
import { forge, nextState, packageIn, withMls } from './forge.js';
import { deviceOf, human, packageOf, serverId } from './people.js';
import { placeOf, startWorld, type Place } from './world.js';
import {
  world,
  alice,
  bob,
  mallory,
  eachSays,
  all,
  tryForgery,
  plainInfo,
  tryCommit,
  byValue,
} from './mallory.js';

describe('who one is', () => {
  const renamed = (change: (leaf: LeafNode) => LeafNode) =>
    withMls(mallory.session, (mls) => {
      const at = 2 * mls.privatePath.leafIndex;
      const node = mls.ratchetTree[at];
      if (node?.nodeType !== 'leaf') throw new Error('expected a leaf');
      const ratchetTree = mls.ratchetTree.slice();
      ratchetTree[at] = { nodeType: 'leaf', leaf: change(node.leaf) };
      return { ...mls, ratchetTree };
    });

  test('a member cannot become the owner by an update path that bears her certificate', async () => {
    const disguised = renamed((leaf) => ({
      ...leaf,
      credential: { credentialType: 'basic', identity: alice.device.certificate },
    }));
    expect(await eachSays((await forge(world, disguised, {})).bytes)).toEqual(
      all('skipped leaf-certificate'),
    );
  });

  test('nor another device of her own, though she certifies it', async () => {
    const identity = await certifyDevice({
      identitySeed: mallory.human.identitySeed,
      serverId,
      deviceId: crypto.randomUUID() as Place['device']['deviceId'],
      leafSignatureKey: mallory.device.signatureKey.publicKey,
      suite: SUITE,
    });
    const moved = renamed((leaf) => ({ ...leaf, credential: { credentialType: 'basic', identity } }));
    expect(await eachSays((await forge(world, moved, {})).bytes)).toEqual(all('skipped leaf-changed'));
  });

  test('nor drop what her leaf can do', async () => {
    const lame = renamed((leaf) => ({
      ...leaf,
      capabilities: { ...leaf.capabilities, extensions: [0xf0a1] },
    }));
    expect(await eachSays((await forge(world, lame, {})).bytes)).toEqual(all('skipped capabilities'));
  });

  test('nor hang an extension on it', async () => {
    const hung = renamed((leaf) => ({
      ...leaf,
      capabilities: { ...leaf.capabilities, extensions: [...leaf.capabilities.extensions, 0xf0a7] },
      extensions: [{ extensionType: 0xf0a7, extensionData: Uint8Array.of(1) }],
    }));
    expect(await eachSays((await forge(world, hung, {})).bytes)).toEqual(all('skipped leaf-extensions'));
  });

  test('a commit signed by another than its sender is skipped', async () => {
    const stolen = withMls(mallory.session, (mls) => ({ ...mls, signaturePrivateKey: new Uint8Array(32) }));
    expect(await eachSays((await forge(world, stolen, {})).bytes)).toEqual(all('skipped signature'));
  });
});

describe('what a commit may be made of', () => {
  test('the library takes a promise of "reject" for consent: our gate answers at once, from the verdict', async () => {
    const state = nextState(mallory.session, {
      banned: [],
      settings: { ...viewGroup(mallory.session).state.settings, title: 'x' },
    });
    const { bytes } = await forge(world, mallory.session, { state });
    const message = decodeMessage(bytes);
    if (message?.wireformat !== 'mls_private_message') throw new Error('a private message');
    const policy = (() => Promise.resolve('reject')) as never;
    const { mls } = openSession(bob.session);
    const fooled = await processPrivateMessage(
      mls,
      message.privateMessage,
      emptyPskIndex,
      await loadSuite(),
      policy,
    );
    expect(fooled.newState.groupContext.epoch).toBe(mls.groupContext.epoch + 1n);
    expect(await eachSays(bytes)).toEqual(all('skipped role-settings'));
  });

  test('no proposal by reference: it would sweep in what others proposed', async () => {
    const { mls } = openSession(mallory.session);
    const proposal: Proposal = { proposalType: 'remove', remove: { removed: 1 } };
    const proposed = await createProposal(mls, false, proposal, await loadSuite());
    const sweeping = withMls(mallory.session, () => proposed.newState);
    expect(await eachSays((await forge(world, sweeping, {})).bytes)).toEqual(
      all('skipped proposal-reference'),
    );
  });

  test('no standalone proposal in the log', async () => {
    const { mls } = openSession(mallory.session);
    const proposal: Proposal = { proposalType: 'remove', remove: { removed: 1 } };
    const { message } = await createProposal(mls, false, proposal, await loadSuite());
    expect(await eachSays(encodeMlsMessage(message))).toEqual(all('skipped not-a-commit'));
  });

  test('no public message', async () => {
    expect(await tryForgery({ asPublicMessage: true })).toEqual(all('skipped framing'));
  });

  test('no external commit, even with a leaked GroupInfo', async () => {
    const suite = await loadSuite();
    const eve = await human('eve');
    const bundle = await packageOf(deviceOf(eve));
    const leaked = await createGroupInfoWithExternalPubAndRatchetTree(
      openSession(bob.session).mls,
      [],
      suite,
    );
    const { publicMessage } = await joinGroupExternal(
      leaked,
      packageIn(bundle),
      {
        ...decodeKeyPackageSecrets(bundle.secrets),
        signaturePrivateKey: deviceOf(eve).signatureKey.secretKey,
      },
      false,
      suite,
      undefined,
      clientConfigOf(serverId),
    );
    const bytes = encodeMlsMessage({ version: 'mls10', wireformat: 'mls_public_message', publicMessage });
    expect(await eachSays(bytes)).toEqual(all('skipped framing'));
  });

  test.each<[string, () => Promise<Proposal> | Proposal]>([
    [
      'PreSharedKey',
      () => ({
        proposalType: 'psk',
        psk: {
          preSharedKeyId: { psktype: 'external', pskId: new Uint8Array(1), pskNonce: new Uint8Array(48) },
        },
      }),
    ],
    [
      'ReInit',
      () => ({
        proposalType: 'reinit',
        reinit: { groupId: new Uint8Array(32), version: 'mls10', cipherSuite: SUITE_NAME, extensions: [] },
      }),
    ],
    [
      'ExternalInit',
      () => ({ proposalType: 'external_init', externalInit: { kemOutput: new Uint8Array(1120) } }),
    ],
    [
      'Update',
      async () => ({
        proposalType: 'update',
        update: {
          leafNode: {
            ...(await honestPath(mallory.session)).leafNode,
            leafNodeSource: 'update',
          } as never,
        },
      }),
    ],
    ['an unknown one', () => ({ proposalType: 0xf0ff, proposalData: Uint8Array.of(1) })],
  ])('no %s', async (_, proposal) => {
    expect(await tryCommit(byValue(await proposal()))).toEqual(all('skipped proposal-type'));
  });

  test('nothing that MLS forbids: the committer out, a blank leaf out, two contexts', async () => {
    const own = viewGroup(mallory.session).own.index;
    expect(await tryCommit(byValue({ proposalType: 'remove', remove: { removed: own } }))).toEqual(
      all('skipped mls-rules'),
    );
    expect(await tryCommit(byValue({ proposalType: 'remove', remove: { removed: 1_000_000 } }))).toEqual(
      all('skipped mls-rules'),
    );
    const twice: Proposal = {
      proposalType: 'group_context_extensions',
      groupContextExtensions: { extensions: [] },
    };
    const proposals = [twice, twice].map((proposal) => ({
      proposalOrRefType: 'proposal' as const,
      proposal,
    }));
    expect(await tryCommit({ proposals, path: undefined })).toEqual(all('skipped mls-rules'));
  });

  test('nothing but CommitInfo in the authenticated data', async () => {
    expect(await tryForgery({ authenticatedData: new Uint8Array() })).toEqual(
      all('skipped commit-info-malformed'),
    );
    expect(await tryForgery({ authenticatedData: Uint8Array.of(...(await plainInfo()), 0) })).toEqual(
      all('skipped commit-info-malformed'),
    );
  });

  test('nothing of another group or epoch', async () => {
    const other = await startWorld({ alice: 4, mallory: 2 });
    const foreign = await forge(other, placeOf(other, 'mallory').session, {});
    expect(await eachSays(foreign.bytes)).toEqual(all('skipped other-group'));
    const first = await forge(world, mallory.session, {});
    const ahead = withMls(mallory.session, () => first.next);
    expect(await eachSays((await forge(world, ahead, {})).bytes)).toEqual(all('skipped other-epoch'));
  });

  test('nothing but one whole MLSMessage', async () => {
    const { bytes } = await forge(world, mallory.session, {});
    expect(await eachSays(Uint8Array.of(...bytes, 0))).toEqual(all('skipped malformed'));
    expect(await eachSays(bytes.slice(0, -1))).toEqual(all('skipped malformed'));
    expect(await eachSays(new Uint8Array(1024 * 1024 + 1))).toEqual(all('skipped malformed'));
    expect(await eachSays(new Uint8Array())).toEqual(all('skipped malformed'));
    const flipped = bytes.slice();
    flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1;
    expect(await eachSays(flipped)).toEqual(all('skipped unreadable'));
  });
});
