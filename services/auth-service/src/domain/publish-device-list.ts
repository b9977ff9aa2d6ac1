import type { Revocation } from '@wisp/protocol';
import type { Account, DeviceLists } from './account.js';
import { checkNextDeviceList } from './check-next-device-list.js';
import { checkSecret, type Proof, type SecretChecks, type SecretVerdict } from './check-secret.js';
import { trustStoredList, type DeviceListRefusal } from './device-list.js';

export type PublishOutcome =
  | { kind: 'published'; version: number; revoked: Revocation[] }
  /** It is the newest already. */
  | { kind: 'repeated' }
  | { kind: 'list-conflict' }
  | { kind: 'device-taken' }
  | { kind: 'bad-device-list'; reason: DeviceListRefusal }
  | Exclude<SecretVerdict, { kind: 'right' }>;

export interface PublishInput {
  account: Account;
  address: string;
  proof: Proof;
  deviceList: Uint8Array;
}

export async function publishDeviceList(
  parts: SecretChecks & { deviceLists: DeviceLists },
  { account, address, proof, deviceList }: PublishInput,
): Promise<PublishOutcome> {
  const verdict = await checkSecret(parts, { account, username: account.username, address, ...proof });
  if (verdict.kind !== 'right') return verdict;
  const newest = await parts.deviceLists.newest(account.userId);
  if (newest === null) throw new Error('an account without a device list');
  const next = checkNextDeviceList(deviceList, trustStoredList(newest.statement));
  switch (next.kind) {
    case 'refused':
      return { kind: 'bad-device-list', reason: next.reason };
    case 'same':
      return { kind: 'repeated' };
    case 'list-conflict':
      return next;
    case 'next': {
      // A new vault comes with the list that names it, by `changePassword` alone.
      if (next.signed.list.vaultVersion !== trustStoredList(newest.statement).list.vaultVersion) {
        return { kind: 'bad-device-list', reason: 'wrong-vault-version' };
      }
      const stored = await parts.accounts.appendDeviceList({ next: next.signed, removed: next.removed });
      if (stored.kind !== 'stored') return stored;
      return { kind: 'published', version: next.signed.list.version, revoked: stored.revoked };
    }
  }
}
