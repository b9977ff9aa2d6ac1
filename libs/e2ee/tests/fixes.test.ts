import { describe, expect, test } from '@jest/globals';
import type { CiphersuiteImpl, ClientState } from 'ts-mls';
import { defaultClientConfig } from 'ts-mls/clientConfig.js';
import { validateRatchetTree } from 'ts-mls/clientState.js';
import { deriveSecret } from 'ts-mls/crypto/kdf.js';
import { initializeEpoch } from 'ts-mls/keySchedule.js';
import { loadSuite } from '../src/mls/suite.js';
import {
  add,
  advance,
  applicant,
  authenticators,
  commitAs,
  groupOf,
  join,
  mark,
  receive,
  remove,
  setExtensions,
} from './raw-group.js';

const at = (members: Map<number, ClientState>, leaf: number): ClientState => {
  const state = members.get(leaf);
  if (state === undefined) throw new Error(`no member at leaf ${leaf}`);
  return state;
};

const validate = async (state: ClientState) =>
  validateRatchetTree(
    state.ratchetTree,
    state.groupContext,
    defaultClientConfig.lifetimeConfig,
    defaultClientConfig.authService,
    state.groupContext.treeHash,
    await loadSuite(),
  );

/** The same state, with node `index` of the tree claiming these unmerged leaves. */
function claimUnmerged(state: ClientState, index: number, unmergedLeaves: number[]): ClientState {
  const ratchetTree = state.ratchetTree.slice();
  const node = ratchetTree[index];
  if (node?.nodeType !== 'parent') throw new Error('expected a parent node');
  ratchetTree[index] = { nodeType: 'parent', parent: { ...node.parent, unmergedLeaves } };
  return { ...state, ratchetTree };
}

/** Each member commits once, so that the inner nodes are filled. */
async function rotate(members: Map<number, ClientState>): Promise<Map<number, ClientState>> {
  let current = members;
  for (const leaf of [...members.keys()].sort((a, b) => a - b)) {
    current = await advance(current, leaf, { proposals: [] });
  }
  return current;
}

describe('fixes to ts-mls', () => {
  test('1: an unmerged leaf must be non-blank and a descendant', async () => {
    const members = await rotate(await groupOf(5));
    const state = at(await advance(members, 0, { proposals: [remove(1)] }), 0);
    expect(await validate(state)).toBeUndefined();
    const message = 'Unmerged leaf did not represent a non-blank descendant leaf node';
    // Node 5 stands over the leaves 2 and 3; leaf 4 is filled, but elsewhere.
    expect((await validate(claimUnmerged(state, 5, [4])))?.message).toBe(message);
    // Node 3 stands over the leaves 0 to 3; leaf 1 is blank.
    expect((await validate(claimUnmerged(state, 3, [1])))?.message).toBe(message);
    expect((await validate(claimUnmerged(state, 3, [1_000_000])))?.message).toBe(message);
  });

  test('2: nodes below need only include the unmerged leaf (six rotate, one goes, two come)', async () => {
    let members = await rotate(await groupOf(6));
    members = await advance(members, 0, { proposals: [remove(3)] });
    members = await advance(members, 0, { proposals: [], joins: [await applicant('seventh')] });
    members = await advance(members, 0, { proposals: [], joins: [await applicant('eighth')] });
    expect(members.size).toBe(7);
    expect(authenticators(members)).toHaveLength(1);
  });

  test('3: a member whose leaf is filled again in the same commit knows that it was removed', async () => {
    const members = await groupOf(3);
    const newcomer = await applicant('newcomer');
    const made = await commitAs(at(members, 0), [remove(1), add(newcomer)]);
    expect((await join(newcomer, made)).privatePath.leafIndex).toBe(1);
    expect((await receive(at(members, 1), made)).groupActiveState).toEqual({ kind: 'removedFromGroup' });
    expect((await receive(at(members, 2), made)).groupActiveState).toEqual({ kind: 'active' });
  });

  test('3: a change of the extensions carries an update path', async () => {
    const members = await groupOf(2);
    const made = await commitAs(at(members, 0), [setExtensions([mark(1)])]);
    const leaf = made.newState.ratchetTree[0];
    expect(leaf?.nodeType === 'leaf' && leaf.leaf.leafNodeSource).toBe('commit');
    expect(leaf).not.toEqual(at(members, 0).ratchetTree[0]);
  });

  test('4: a change of the extensions and a removal in one commit can be decrypted', async () => {
    const members = await advance(await groupOf(4), 0, { proposals: [setExtensions([mark(1)]), remove(2)] });
    expect([...members.keys()].sort()).toEqual([0, 1, 3]);
    expect(authenticators(members)).toHaveLength(1);
  });

  test('5: with a blank left half the commit secret follows the last non-blank ancestor', async () => {
    const members = await groupOf(4);
    const leafPathSecret = new Uint8Array(48).fill(7);
    const suite = withRandomness(await loadSuite(), leafPathSecret);
    const made = await commitAs(at(members, 2), [remove(0), remove(1)], suite);
    expect(made.newState.ratchetTree[3]).toBeUndefined();
    // Leaf 2's filtered direct path is node 5 alone: one step to its secret, one to the commit secret.
    const nodeSecret = await deriveSecret(leafPathSecret, 'path', suite.kdf);
    const expected = await initializeEpoch(
      at(members, 2).keySchedule.initSecret,
      await deriveSecret(nodeSecret, 'path', suite.kdf),
      made.newState.groupContext,
      new Uint8Array(48),
      suite.kdf,
    );
    expect(made.newState.keySchedule.epochAuthenticator).toEqual(expected.keySchedule.epochAuthenticator);
    const receiver = await receive(at(members, 3), made);
    expect(receiver.keySchedule.epochAuthenticator).toEqual(expected.keySchedule.epochAuthenticator);
    expect(Object.keys(receiver.privatePath.privateKeys)).not.toContain('3');
  });

  test('6: who was removed from a group of two does not follow the one who stays', async () => {
    const members = await groupOf(2);
    const suite = await loadSuite();
    const made = await commitAs(at(members, 0), [remove(1)]);
    const zeros = new Uint8Array(48);
    const guessed = await initializeEpoch(
      at(members, 1).keySchedule.initSecret,
      zeros,
      made.newState.groupContext,
      zeros,
      suite.kdf,
    );
    expect(guessed.keySchedule.epochAuthenticator).not.toEqual(made.newState.keySchedule.epochAuthenticator);
  });

  test('7: an empty list of extensions replaces the old one', async () => {
    let members = await advance(await groupOf(2), 0, { proposals: [setExtensions([mark(1)])] });
    expect(at(members, 1).groupContext.extensions).toEqual([mark(1)]);
    members = await advance(members, 0, { proposals: [setExtensions([])] });
    expect(at(members, 0).groupContext.extensions).toEqual([]);
    expect(at(members, 1).groupContext.extensions).toEqual([]);
    expect(authenticators(members)).toHaveLength(1);
  });

  test('8: a public key that its path secret does not give fails the commit', async () => {
    const members = await groupOf(4);
    const suite = await loadSuite();
    const foreign = await suite.hpke.generateKeyPair();
    let derived = 0;
    const planting: CiphersuiteImpl = {
      ...suite,
      hpke: {
        ...suite.hpke,
        deriveKeyPair: async (ikm) => {
          derived += 1;
          const pair = await suite.hpke.deriveKeyPair(ikm);
          // The first pair is the leaf's, the next ones go into the path.
          return derived === 2 ? { ...pair, publicKey: foreign.publicKey } : pair;
        },
      },
    };
    const made = await commitAs(at(members, 0), [], planting);
    await expect(receive(at(members, 1), made)).rejects.toThrow('does not match its path secret');
  });

  test("9: this machine's clock has no say in whom a member may add", async () => {
    const members = await groupOf(1);
    const late = await applicant('late', { notBefore: 0n, notAfter: 1n });
    const made = await commitAs(at(members, 0), [add(late)]);
    expect((await join(late, made)).privatePath.leafIndex).toBe(1);
  });
});

function withRandomness(suite: CiphersuiteImpl, pathSecret: Uint8Array): CiphersuiteImpl {
  return {
    ...suite,
    rng: {
      randomBytes: (length) =>
        length === pathSecret.length ? pathSecret.slice() : suite.rng.randomBytes(length),
    },
  };
}
