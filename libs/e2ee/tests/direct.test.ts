import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { messageId as messageIdSchema, type MessageBody } from '@wisp/protocol';
import {
  admitWelcome,
  adoptPending,
  buildCommit,
  checkKeyPackage,
  decodePendingCommit,
  decodeSession,
  encodePendingCommit,
  encodeSession,
  openCommit,
  openMessage,
  readWelcome,
  sealMessage,
  viewGroup,
  type OwnDevice,
  type Session,
} from '../src/index.js';
import { beginDirect } from './begin-direct.js';
import { deviceOf, human, keyring, NOW, seq, serverId, zeroHead, type Human } from './people.js';

const text = (words: string): MessageBody => ({
  sentAt: NOW,
  head: zeroHead,
  kept: 1,
  listVersion: 1,
  type: 'text',
  content: { text: words },
});

const say = (session: Session, n: number, words: string) =>
  sealMessage(session, {
    header: {
      n,
      messageId: messageIdSchema.parse(randomUUID()),
      lastCommitSeq: seq(1),
      mode: 'none',
      ttl: 0,
      wake: true,
    },
    body: text(words),
  });

const from = (device: OwnDevice, lastN = 0) => ({ uploader: device.deviceId, lastN });

async function startDirect(alice: Human, bob: Human): Promise<{ alice: Session; bob: Session }> {
  const { bundle, conversationId, pending: begun } = await beginDirect(alice, bob);
  const verdict = await checkKeyPackage(bundle.keyPackage, { deviceList: bob.list, serverId, now: NOW });
  expect(verdict.kind).toBe('ok');
  const stored = encodePendingCommit(begun);
  const pending = decodePendingCommit(stored);
  expect(encodePendingCommit(pending)).toEqual(stored);
  if (pending.welcome === null) throw new Error('no welcome');
  const reading = await readWelcome(pending.welcome, { me: deviceOf(bob), ...keyring([bundle]) });
  if (reading.kind === 'refused') throw new Error(reading.reason);
  const admitted = await admitWelcome(reading.read, [alice.list, bob.list], {
    conversationId,
    knownGroups: [],
    peer: alice.userId,
  });
  if (admitted.kind === 'refused') throw new Error(admitted.reason);
  return { alice: adoptPending(pending, { current: null, acceptedAt: NOW }), bob: admitted.session };
}

describe('two people', () => {
  test('begin, talk, change the timer, talk on', async () => {
    const people = { alice: await human('alice'), bob: await human('bob') };
    let { alice, bob } = await startDirect(people.alice, people.bob);
    expect(viewGroup(alice).epochAuthenticator).toEqual(viewGroup(bob).epochAuthenticator);

    const hello = await say(alice, 1, 'hello');
    alice = hello.session;
    const heard = await openMessage(bob, hello.bytes, from(deviceOf(people.alice)));
    if (heard.kind !== 'opened') throw new Error(heard.reason);
    expect(heard.body).toEqual(text('hello'));
    expect(heard.author.userId).toBe(people.alice.userId);
    bob = heard.session;

    const built = await buildCommit(bob, {
      intent: { kind: 'settings', change: { timer: { mode: 'after-send', ttl: 30 } } },
      now: NOW,
      lastCommitSeq: seq(1),
      head: zeroHead,
    });
    if (built.kind === 'refused') throw new Error(built.reason);
    const late = await say(bob, 1, 'while my commit was under way');
    bob = late.session;
    const outcome = await openCommit(alice, built.pending.bytes, {
      seq: seq(4),
      acceptedAt: NOW,
      newestCommitSeq: seq(1),
    });
    if (outcome.kind !== 'applied') throw new Error(outcome.kind);
    alice = outcome.session;
    bob = adoptPending(built.pending, { current: bob, acceptedAt: NOW });
    expect(viewGroup(alice).epochAuthenticator).toEqual(viewGroup(bob).epochAuthenticator);
    expect(viewGroup(alice).state.settings.timer).toEqual({ mode: 'after-send', ttl: 30 });

    alice = decodeSession(encodeSession(alice));
    const old = await openMessage(alice, late.bytes, from(deviceOf(people.bob)));
    expect(old.kind).toBe('opened');
    const next = await say(bob, 2, 'in the new epoch');
    const last = await openMessage(alice, next.bytes, from(deviceOf(people.bob), 1));
    expect(last.kind === 'opened' && last.body).toEqual(text('in the new epoch'));
  });
});
