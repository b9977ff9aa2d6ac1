import { createSession, unreachable } from '@wisp/protocol';
import { refuse, route, type Route } from '@wisp/service-kit';
import type { Announcer } from '../domain/announcer.js';
import { signIn, type SignInParts } from '../domain/sign-in.js';
import { answerSession, type SessionAnswerParts } from './answer-session.js';
import { readBytes } from './read-bytes.js';
import { refuseSecret } from './refusals.js';

export interface CreateSessionParts {
  signIns: SignInParts;
  answers: SessionAnswerParts;
  announcer: Announcer;
}

export function createSessionRoute({ signIns, answers, announcer }: CreateSessionParts): Route {
  return route(createSession, async ({ body, address, response }) => {
    const read = readBytes({ authKey: body.authKey });
    if (read.kind === 'malformed') return read.refusal;
    const { username, slot, deviceId } = body;
    const { authKey } = read.bytes;
    const outcome = await signIn(signIns, { username, slot, authKey, deviceId, address });
    switch (outcome.kind) {
      case 'signed-in':
        await announcer.revoked(outcome.revoked);
        return answerSession(answers, outcome, response);
      case 'device-not-listed':
        return refuse('device-not-listed');
      case 'wrong-credentials':
      case 'overloaded':
      case 'rate-limited':
        return refuseSecret(outcome);
      default:
        return unreachable(outcome);
    }
  });
}
