import { describe, expect, test } from '@jest/globals';
import { openCommit, viewGroup } from '../src/index.js';
import { openSession } from '../src/session/session-data.js';
import { plantedKey, spoiltSecret, withPathKey } from './cheats.js';
import { craft, honestPath } from './craft.js';
import { forge, withMls } from './forge.js';
import { NOW, seq } from './people.js';
import { all, bob, carol, mallory, plainInfo, tryCommit, tryForgery, world } from './mallory.js';

describe('the update path', () => {
  test('must be there', async () => {
    expect(await tryCommit({ proposals: [], path: undefined })).toEqual(all('skipped update-path'));
  });

  test('must have a ciphertext for everybody who listens', async () => {
    const path = await honestPath(mallory.session);
    const nodes = path.nodes.map((node) => ({
      ...node,
      encryptedPathSecret: node.encryptedPathSecret.slice(1),
    }));
    expect(await tryCommit({ proposals: [], path: { ...path, nodes } })).toEqual(all('skipped update-path'));
    expect(await tryCommit({ proposals: [], path: { ...path, nodes: path.nodes.slice(1) } })).toEqual(
      all('skipped update-path'),
    );
  });

  test('must hold keys that one can encrypt to: else nobody but the planter could commit any more', async () => {
    // The first key that is exported goes into the lowest node of the path.
    const suite = await withPathKey(1, new Uint8Array(1216).fill(0xff));
    expect(await tryForgery({ suite })).toEqual(all('skipped update-path'));
  });

  test('must not repeat a key of the tree: else nobody could join any more', async () => {
    const node = openSession(mallory.session).mls.ratchetTree[0];
    if (node?.nodeType !== 'leaf') throw new Error('expected a leaf');
    const suite = await withPathKey(1, node.leaf.hpkePublicKey);
    expect(await tryForgery({ suite })).toEqual(all('skipped mls-rules'));
  });

  test('freezes only those whom it cheats: a planted key, seen by those below it', async () => {
    // Mallory's leaf is 3: the lowest node of her path stands over Carol too, the next over everybody.
    const said = await tryForgery({ suite: await plantedKey() });
    expect(said).toEqual({ alice: 'applied', bob: 'applied', carol: 'damaged path-secret' });
  });

  test('freezes only those whom it cheats: a secret that does not open', async () => {
    const said = await tryForgery({ suite: await spoiltSecret() });
    expect(Object.values(said).sort()).toEqual(['applied', 'applied', 'damaged path-secret']);
  });

  test('a false confirmation tag freezes whoever meets it, and leaves the session as it was', async () => {
    const before = viewGroup(bob.session);
    expect(await tryCommit({ proposals: [], path: await honestPath(mallory.session) })).toEqual(
      all('damaged confirmation-tag'),
    );
    expect(viewGroup(bob.session)).toEqual(before);
  });
});

test('a device that meets a commit of its own which it does not know was rolled back', async () => {
  const { bytes } = await forge(world, carol.session, {});
  const entry = { seq: seq(9), acceptedAt: NOW, newestCommitSeq: seq(world.newestCommitSeq) };
  expect(await openCommit(carol.session, bytes, entry)).toEqual({ kind: 'damaged', reason: 'own-unknown' });
  // Nobody else can make it believe so.
  const { mls } = openSession(carol.session);
  const disguised = withMls(mallory.session, (own) => ({
    ...own,
    privatePath: { ...own.privatePath, leafIndex: mls.privatePath.leafIndex },
  }));
  const framed = await craft(disguised, {
    commit: { proposals: [], path: await honestPath(mallory.session) },
    authenticatedData: await plainInfo(),
  });
  expect(await openCommit(carol.session, framed, entry)).toEqual({ kind: 'skipped', reason: 'signature' });
});
