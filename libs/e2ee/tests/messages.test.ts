import { beforeEach, describe, expect, test } from '@jest/globals';
import { createApplicationMessage, createProposal, encodeMlsMessage } from 'ts-mls';
import { deriveTreeSecret } from 'ts-mls/crypto/kdf.js';
import { protect } from 'ts-mls/messageProtection.js';
import { signFramedContentApplicationOrProposal } from 'ts-mls/framedContent.js';
import {
  encodeMessageBody,
  messageHeader,
  PADDING_BUCKETS,
  readMessageHeader,
  type MessageHeader,
} from '@wisp/protocol';
import { openMessage, sealMessage, viewGroup, type MessageOutcome } from '../src/index.js';
import { loadSuite } from '../src/mls/suite.js';
import { openSession } from '../src/session/session-data.js';
import { readKeyPackage } from '../src/session/check-key-package.js';
import { withMls } from './forge.js';
import { packageOf } from './people.js';
import {
  commit,
  headerOf,
  hear,
  placeOf,
  say,
  startWorld,
  textBody,
  wordsOf,
  type Place,
  type World,
} from './world.js';

let world: World;
let alice: Place, bob: Place, mallory: Place;

beforeEach(async () => {
  world = await startWorld({ alice: 4, bob: 2, mallory: 2 });
  [alice, bob, mallory] = ['alice', 'bob', 'mallory'].map((name) => placeOf(world, name)) as [
    Place,
    Place,
    Place,
  ];
});

const openAfter = (place: Place, bytes: Uint8Array, { by, lastN }: { by: Place; lastN: number }) =>
  openMessage(place.session, bytes, { uploader: by.device.deviceId, lastN });
const open = (place: Place, bytes: Uint8Array, by: Place): Promise<MessageOutcome> =>
  openAfter(place, bytes, { by, lastN: 0 });

/** A message as Mallory's engine might make it, with any authenticated data and any plaintext. */
async function sealRaw(
  by: Place,
  content: { plaintext?: Uint8Array; authenticatedData: Uint8Array },
): Promise<Uint8Array> {
  const { privateMessage } = await createApplicationMessage(
    openSession(by.session).mls,
    content.plaintext ?? encodeMessageBody(textBody(world, 'raw')),
    await loadSuite(),
    content.authenticatedData,
  );
  return encodeMlsMessage({ version: 'mls10', wireformat: 'mls_private_message', privateMessage });
}
const rawHeader = (by: Place, change: Partial<MessageHeader> = {}): Uint8Array =>
  messageHeader.encode({ ...headerOf(world, by), gen: 0, ...change });

describe('a message', () => {
  test('arrives, in order, at everybody; the author is the leaf', async () => {
    const first = await say(world, alice, 'one');
    const second = await say(world, alice, 'two');
    expect([first.header.gen, second.header.gen]).toEqual([0, 1]);
    for (const place of [bob, mallory]) {
      expect(wordsOf(await hear(place, first.bytes, alice.device))).toBe('one');
      const outcome = await hear(place, second.bytes, alice.device);
      expect(wordsOf(outcome)).toBe('two');
      expect(outcome.kind === 'opened' && outcome.author).toEqual({
        userId: alice.human.userId,
        deviceId: alice.device.deviceId,
      });
    }
  });

  test('shows the server its header and the bucket of its size, nothing else', async () => {
    const lengths = new Set<number>();
    for (const words of ['a', 'a'.repeat(100), 'a'.repeat(150)])
      lengths.add((await say(world, alice, words)).bytes.length);
    expect(lengths.size).toBe(1);
    const long = await say(world, alice, 'a'.repeat(300));
    expect(long.bytes.length - [...lengths][0]!).toBeGreaterThan(PADDING_BUCKETS[1] - PADDING_BUCKETS[0] - 1);
    expect(readMessageHeader(long.bytes).header).toEqual(long.header);
  });

  test('of which one was skipped opens; the skipped key is dropped', async () => {
    const skipped = await say(world, alice, 'died unread');
    const next = await say(world, alice, 'lives');
    expect(wordsOf(await hear(bob, next.bytes, alice.device))).toBe('lives');
    expect(await open(bob, skipped.bytes, alice)).toEqual({ kind: 'undecryptable', reason: 'key-gone' });
  });

  test('that breaks on the way leaves the session good', async () => {
    const sent = await say(world, alice, 'whole');
    for (const at of [sent.bytes.length - 1, sent.bytes.length - 200]) {
      const broken = sent.bytes.slice();
      broken[at] = (broken[at] ?? 0) ^ 1;
      expect(await open(bob, broken, alice)).toEqual({ kind: 'undecryptable', reason: 'malformed' });
    }
    expect(await open(bob, Uint8Array.of(...sent.bytes, 0), alice)).toEqual({
      kind: 'undecryptable',
      reason: 'malformed',
    });
    expect(await open(bob, new Uint8Array(), alice)).toEqual({ kind: 'undecryptable', reason: 'malformed' });
    expect(wordsOf(await hear(bob, sent.bytes, alice.device))).toBe('whole');
  });

  test('of another group, a future epoch or a forgotten one is said to be so', async () => {
    const other = await startWorld({ alice: 4, bob: 2 });
    const foreign = await say(other, placeOf(other, 'alice'), 'elsewhere');
    expect(await open(bob, foreign.bytes, alice)).toEqual({ kind: 'undecryptable', reason: 'not-ours' });
    const old = await say(world, alice, 'old');
    const behind = { ...bob };
    for (const title of ['a', 'b', 'c']) await commit(world, alice, { kind: 'settings', change: { title } });
    const ahead = await say(world, alice, 'new');
    expect(await open(behind, ahead.bytes, alice)).toEqual({ kind: 'undecryptable', reason: 'future-epoch' });
    expect(await open(bob, old.bytes, alice)).toEqual({ kind: 'undecryptable', reason: 'epoch-gone' });
  });
});

describe('before any ratchet moves', () => {
  test('the generation of the sender data must be the one in the header', async () => {
    const bytes = await sealRaw(mallory, { authenticatedData: rawHeader(mallory, { gen: 1 }) });
    expect(await open(bob, bytes, mallory)).toEqual({ kind: 'refused', reason: 'generation' });
  });

  test('an insider cannot replay what Alice signed under her next generation', async () => {
    const sent = await say(world, alice, 'once');
    const opened = await replayAtNextGeneration(mallory, alice, sent.bytes);
    expect(await open(bob, opened, alice)).toEqual({ kind: 'refused', reason: 'generation' });
    expect(wordsOf(await hear(bob, sent.bytes, alice.device))).toBe('once');
    expect(await openAfter(bob, opened, { by: alice, lastN: 1 })).toEqual({
      kind: 'refused',
      reason: 'generation',
    });
  });

  test("the leaf's device must be the uploader", async () => {
    const sent = await say(world, alice, 'mine');
    expect(await open(bob, sent.bytes, mallory)).toEqual({ kind: 'refused', reason: 'uploader' });
    expect(wordsOf(await hear(bob, sent.bytes, alice.device))).toBe('mine');
  });

  test('the counter must be above the last one', async () => {
    const sent = await sealMessage(alice.session, {
      header: headerOf(world, alice, { n: 5 }),
      body: textBody(world, 'five'),
    });
    expect(await openAfter(bob, sent.bytes, { by: alice, lastN: 5 })).toEqual({
      kind: 'refused',
      reason: 'counter',
    });
    expect(await openAfter(bob, sent.bytes, { by: alice, lastN: 4 })).toMatchObject({ kind: 'opened' });
  });

  test('a generation out of reach costs nothing', async () => {
    const far = withMls(mallory.session, (mls) => {
      const secretTree = mls.secretTree.slice();
      const at = 2 * mls.privatePath.leafIndex;
      const node = secretTree[at];
      if (node === undefined) throw new Error('no ratchets');
      secretTree[at] = { ...node, application: { ...node.application, generation: 5000 } };
      return { ...mls, secretTree };
    });
    const bytes = await sealRaw(
      { ...mallory, session: far },
      { authenticatedData: rawHeader(mallory, { gen: 5000 }) },
    );
    expect(await open(bob, bytes, mallory)).toEqual({ kind: 'refused', reason: 'generation' });
  });

  test('the header must be one', async () => {
    for (const authenticatedData of [new Uint8Array(), Uint8Array.of(...rawHeader(mallory), 0)]) {
      const bytes = await sealRaw(mallory, { authenticatedData });
      expect(await open(bob, bytes, mallory)).toEqual({ kind: 'refused', reason: 'header-malformed' });
    }
  });
});

describe('after it opened', () => {
  test('the body must be one, in its bucket', async () => {
    const body = encodeMessageBody(textBody(world, 'x'));
    for (const plaintext of [
      body.subarray(0, -1),
      Uint8Array.of(...body, 0),
      new Uint8Array(256),
      new Uint8Array(),
    ]) {
      const bytes = await sealRaw(mallory, { plaintext, authenticatedData: rawHeader(mallory) });
      expect(await open(bob, bytes, mallory)).toEqual({ kind: 'refused', reason: 'body-malformed' });
    }
  });

  test("the signature must be the leaf's", async () => {
    const stolen = withMls(mallory.session, (mls) => ({ ...mls, signaturePrivateKey: new Uint8Array(32) }));
    const bytes = await sealRaw({ ...mallory, session: stolen }, { authenticatedData: rawHeader(mallory) });
    expect(await open(bob, bytes, mallory)).toEqual({ kind: 'refused', reason: 'signature' });
  });

  test('nothing but a private message is a message', async () => {
    const { mls } = openSession(mallory.session);
    const removal = { proposalType: 'remove', remove: { removed: 0 } } as const;
    const { message } = await createProposal(mls, true, removal, await loadSuite());
    const { keyPackage } = await packageOf(mallory.device);
    const decoded = readKeyPackage(keyPackage);
    if (decoded === null) throw new Error('no KeyPackage');
    const bare = encodeMlsMessage({
      version: 'mls10',
      wireformat: 'mls_key_package',
      keyPackage: decoded,
    });
    for (const bytes of [encodeMlsMessage(message), bare]) {
      expect(await open(bob, bytes, mallory)).toEqual({ kind: 'refused', reason: 'not-a-message' });
    }
  });

  test('a commit or a proposal is no message', async () => {
    const { mls } = openSession(mallory.session);
    const { message } = await createProposal(
      mls,
      false,
      { proposalType: 'remove', remove: { removed: 0 } },
      await loadSuite(),
    );
    expect(await open(bob, encodeMlsMessage(message), mallory)).toEqual({
      kind: 'refused',
      reason: 'not-a-message',
    });
    const pending = await commit(world, mallory, { kind: 'self-update' });
    expect(await open(bob, pending.bytes, mallory)).toEqual({ kind: 'refused', reason: 'not-a-message' });
  });
});

test('nobody hears a removed member, not even what was sealed before', async () => {
  const early = await say(world, mallory, 'before I go');
  await commit(world, alice, { kind: 'remove', users: [mallory.human.userId] });
  expect(await open(bob, early.bytes, mallory)).toEqual({ kind: 'undecryptable', reason: 'epoch-gone' });
  const late = await say(world, alice, 'now we are alone');
  expect(await open(mallory, late.bytes, alice)).toEqual({ kind: 'undecryptable', reason: 'future-epoch' });
  expect(viewGroup(bob.session).leaves).toHaveLength(2);
});

/** What MLS leaves open (protocol §5): the content with Alice's signature, encrypted again under her next key. */
async function replayAtNextGeneration(insider: Place, victim: Place, bytes: Uint8Array): Promise<Uint8Array> {
  const suite = await loadSuite();
  const { mls } = openSession(insider.session);
  const leafIndex = openSession(victim.session).mls.privatePath.leafIndex;
  const { header, mls: frame } = readMessageHeader(bytes);
  // The insider has opened the message and knows content and signature; signing it with Alice's key stands for that.
  const tbs = {
    protocolVersion: 'mls10',
    wireformat: 'mls_private_message',
    content: {
      contentType: 'application',
      applicationData: encodeMessageBody(textBody(world, 'once')),
      groupId: frame.groupId,
      epoch: frame.epoch,
      sender: { senderType: 'member', leafIndex },
      authenticatedData: messageHeader.encode(header),
    },
    senderType: 'member',
    context: mls.groupContext,
  } as const;
  const signatureKey = openSession(victim.session).mls.signaturePrivateKey;
  const auth = await signFramedContentApplicationOrProposal(signatureKey, tbs, suite);
  const ratchets = mls.secretTree[2 * leafIndex];
  if (ratchets === undefined) throw new Error('no ratchets');
  const { secret } = ratchets.application;
  const moved = mls.secretTree.slice();
  moved[2 * leafIndex] = {
    ...ratchets,
    application: {
      secret: await deriveTreeSecret(secret, 'secret', 0, suite.kdf.size, suite.kdf),
      generation: 1,
      unusedGenerations: {},
    },
  };
  const sealed = await protect(
    mls.keySchedule.senderDataSecret,
    tbs.content.authenticatedData,
    mls.groupContext,
    moved,
    { ...tbs.content, auth },
    leafIndex,
    mls.clientConfig.paddingConfig,
    suite,
  );
  return encodeMlsMessage({
    version: 'mls10',
    wireformat: 'mls_private_message',
    privateMessage: sealed.privateMessage,
  });
}
