import { changePassword as operation, unreachable } from '@wisp/protocol';
import { refuse, route, type Route } from '@wisp/service-kit';
import type { Announcer } from '../domain/announcer.js';
import { changePassword, type PasswordChange } from '../domain/change-password.js';
import { readBytes } from './read-bytes.js';
import { refuseDeviceList, refuseSecret, refuseVault } from './refusals.js';

export interface ChangePasswordParts {
  passwordChange: PasswordChange;
  announcer: Announcer;
}

export function changePasswordRoute({ passwordChange, announcer }: ChangePasswordParts): Route {
  return route(operation, async ({ caller, body, address }) => {
    const read = readBytes({
      'proof.authKey': body.proof.authKey,
      'authKeys.password': body.authKeys.password,
      'authKeys.recovery': body.authKeys.recovery,
      vault: body.vault,
      deviceList: body.deviceList,
    });
    if (read.kind === 'malformed') return read.refusal;
    const { bytes } = read;
    const account = await passwordChange.accounts.byId(caller.user);
    if (account === null) return refuse('unauthorized');
    const { session, user } = caller;
    const outcome = await changePassword(passwordChange, {
      account,
      session,
      address,
      proof: { slot: body.proof.slot, authKey: bytes['proof.authKey'] },
      authKeys: { password: bytes['authKeys.password'], recovery: bytes['authKeys.recovery'] },
      vault: bytes.vault,
      deviceList: bytes.deviceList,
    });
    switch (outcome.kind) {
      case 'changed':
        await announcer.revoked(outcome.revoked);
        await announcer.deviceListPublished({ user, version: outcome.version });
        return undefined;
      case 'repeated':
        return undefined;
      case 'list-conflict':
        return refuse('list-conflict');
      case 'vault-conflict':
        return refuse('precondition-failed', { field: 'vault' });
      case 'bad-vault':
        return refuseVault();
      case 'bad-device-list':
        return refuseDeviceList(outcome.reason);
      case 'device-taken':
        return refuseDeviceList('device-taken');
      case 'wrong-credentials':
      case 'overloaded':
      case 'rate-limited':
        return refuseSecret(outcome);
      default:
        return unreachable(outcome);
    }
  });
}
