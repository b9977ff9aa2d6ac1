import { signDeviceStatement, viewGroup, type KeyPackageBundle } from '../src/index.js';
import { packageOf, serverId } from './people.js';
import type { Place, World } from './world.js';

/** A device asks to be let back in, with a new KeyPackage. `change`: what it says otherwise. */
export async function repairRequest(
  world: World,
  broken: Place,
  change: { reason?: 'store-damaged' | 'commit-unreadable'; at?: number } = {},
): Promise<{ bundle: KeyPackageBundle; request: Uint8Array }> {
  const { own, groupId } = viewGroup(broken.session);
  const bundle = await packageOf(broken.device);
  const request = await signDeviceStatement({
    type: 'repair-request',
    secretKey: broken.device.signatureKey.secretKey,
    body: {
      serverId,
      conversationId: world.conversationId,
      groupId,
      deviceId: own.deviceId,
      leafHash: own.hash,
      reason: 'store-damaged',
      keyPackage: bundle.keyPackage,
      at: world.now,
      ...change,
    },
  });
  return { bundle, request };
}
