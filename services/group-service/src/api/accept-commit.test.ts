import { expect, test } from '@jest/globals';
import {
  encodeBase64url,
  type ConversationId,
  type DeviceId,
  type SessionId,
  type UserId,
} from '@wisp/protocol';
import { createLimits } from '@wisp/service-kit';
import { randomBytes, randomUUID } from 'node:crypto';
import { acceptCommitRequest, type CommitRouteParts } from './accept-commit.js';

const limits = createLimits();
const parts: CommitRouteParts = {
  // Bytes that are no commit are refused before anything is asked of the ports.
  ports: {} as CommitRouteParts['ports'],
  perAccount: limits.limit({ name: 'commits', points: 100, windowSeconds: 60 }),
  bytesPerAccount: limits.limit({ name: 'bytes', points: 10_000, windowSeconds: 3_600 }),
};

const caller = () => ({
  user: randomBytes(32).toString('base64url') as UserId,
  device: randomUUID() as DeviceId,
  session: randomUUID() as SessionId,
  until: 0,
});
const send = (from: ReturnType<typeof caller>, bytes: { commit: number; welcome: number }) =>
  acceptCommitRequest(parts, {
    caller: from,
    conversation: randomUUID() as ConversationId,
    target: { opens: undefined },
    body: {
      commit: encodeBase64url(new Uint8Array(bytes.commit)),
      welcome: encodeBase64url(new Uint8Array(bytes.welcome)),
    },
    problems: ['commit-refused'],
  });

test("an account's commits and Welcomes are bounded by their bytes", async () => {
  const [alice, bob] = [caller(), caller()];
  expect(await send(alice, { commit: 1_000, welcome: 3_000 })).toMatchObject({ refused: 'commit-refused' });
  expect(await send(alice, { commit: 3_000, welcome: 3_000 })).toMatchObject({ refused: 'commit-refused' });
  const refused = await send(alice, { commit: 1, welcome: 0 });
  expect(refused).toMatchObject({ refused: 'rate-limited', extras: { retryAfter: expect.any(Number) } });
  expect(await send(bob, { commit: 1, welcome: 0 })).toMatchObject({ refused: 'commit-refused' });
});
