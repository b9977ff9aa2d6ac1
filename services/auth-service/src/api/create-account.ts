import { createAccount, unreachable } from '@wisp/protocol';
import { refuse, route, type Route } from '@wisp/service-kit';
import type { Announcer } from '../domain/announcer.js';
import type { Attempts } from '../domain/attempts.js';
import { registerAccount, type Registration } from '../domain/register-account.js';
import { answerSession, type SessionAnswerParts } from './answer-session.js';
import { readBytes } from './read-bytes.js';
import { refuseDeviceList, refuseOverloaded, refuseRate, refuseVault } from './refusals.js';

export interface CreateAccountParts {
  registration: Registration;
  registrations: Attempts;
  answers: SessionAnswerParts;
  announcer: Announcer;
}

export function createAccountRoute(parts: CreateAccountParts): Route {
  const { registration, registrations, answers, announcer } = parts;
  return route(createAccount, async ({ body, address, response }) => {
    const allowed = await registrations.take(address);
    if (!allowed.ok) return refuseRate({ kind: 'rate-limited', ...allowed });
    const read = readBytes({
      'authKeys.password': body.authKeys.password,
      'authKeys.recovery': body.authKeys.recovery,
      vault: body.vault,
      deviceList: body.deviceList,
    });
    if (read.kind === 'malformed') return read.refusal;
    const { bytes } = read;
    const outcome = await registerAccount(registration, {
      username: body.username,
      deviceId: body.deviceId,
      authKeys: { password: bytes['authKeys.password'], recovery: bytes['authKeys.recovery'] },
      vault: bytes.vault,
      deviceList: bytes.deviceList,
      address,
    });
    switch (outcome.kind) {
      case 'registered':
        await announcer.revoked(outcome.revoked);
        return answerSession(answers, outcome, response);
      case 'username-taken':
        return refuse('username-taken');
      case 'overloaded':
        return refuseOverloaded();
      case 'rate-limited':
        return refuseRate(outcome);
      case 'bad-vault':
        return refuseVault();
      case 'bad-device-list':
        return refuseDeviceList(outcome.reason);
      case 'device-taken':
        return refuseDeviceList('device-taken');
      case 'user-known':
        return refuse('malformed', { field: 'deviceList', reason: 'user-known' });
      default:
        return unreachable(outcome);
    }
  });
}
