import type { AccountEvent } from './account.js';
import type { Present } from './presence.js';

/**
 * Compares the own newest device list with what this device knows and names every addition: a device that its owner
 * didn't add is somebody else's. `revoked`: this device isn't in the list any more.
 */
export async function lookAtOwnDevices(
  { contacts, self }: Present,
  emit: (event: AccountEvent) => void,
): Promise<'listed' | 'revoked'> {
  const followed = await contacts.follow(self.userId);
  if (followed.kind === 'refused') emit({ type: 'ownListRefused', reason: followed.reason });
  if (followed.kind !== 'found') return 'listed';
  const { added, newest } = followed.value;
  if (added.length > 0) emit({ type: 'devicesAdded', devices: added });
  return newest.devices.some(({ deviceId }) => deviceId === self.deviceId) ? 'listed' : 'revoked';
}
