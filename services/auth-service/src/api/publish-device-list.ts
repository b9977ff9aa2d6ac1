import { publishDeviceList as operation, unreachable } from '@wisp/protocol';
import { refuse, route, type Route } from '@wisp/service-kit';
import type { DeviceLists } from '../domain/account.js';
import type { Announcer } from '../domain/announcer.js';
import type { SecretChecks } from '../domain/check-secret.js';
import { publishDeviceList } from '../domain/publish-device-list.js';
import { readBytes } from './read-bytes.js';
import { refuseDeviceList, refuseSecret } from './refusals.js';

export interface PublishDeviceListParts {
  secrets: SecretChecks;
  deviceLists: DeviceLists;
  announcer: Announcer;
}

export function publishDeviceListRoute({ secrets, deviceLists, announcer }: PublishDeviceListParts): Route {
  return route(operation, async ({ caller, body, address }) => {
    const read = readBytes({ 'proof.authKey': body.proof.authKey, deviceList: body.deviceList });
    if (read.kind === 'malformed') return read.refusal;
    const { deviceList, 'proof.authKey': authKey } = read.bytes;
    const account = await secrets.accounts.byId(caller.user);
    if (account === null) return refuse('unauthorized');
    const input = { account, address, proof: { slot: body.proof.slot, authKey }, deviceList };
    const outcome = await publishDeviceList({ ...secrets, deviceLists }, input);
    switch (outcome.kind) {
      case 'published':
        await announcer.revoked(outcome.revoked);
        await announcer.deviceListPublished({ user: caller.user, version: outcome.version });
        return undefined;
      case 'repeated':
        return undefined;
      case 'list-conflict':
        return refuse('list-conflict');
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
