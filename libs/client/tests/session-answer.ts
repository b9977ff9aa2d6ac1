import { sessionAnswer, type SessionAnswer } from '@wisp/protocol';

const TIME = 1_700_000_000_000;

/** A well-formed answer of auth-service, for transports that have no auth-service to talk to. */
export function sessionAnswerOf(
  given: { token?: string; userId?: string; realtimeUrl?: string; lifeMs?: number } = {},
): SessionAnswer {
  return sessionAnswer.parse({
    token: given.token ?? 'token-1',
    time: TIME,
    expiresAt: TIME + (given.lifeMs ?? 900_000),
    sessionId: '00000000-0000-4000-8000-000000000001',
    userId: given.userId ?? 'A'.repeat(43),
    username: 'ada',
    deviceId: '00000000-0000-4000-8000-000000000002',
    realtimeUrl: given.realtimeUrl ?? '/socket.io',
  });
}
