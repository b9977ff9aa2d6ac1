import { limits, type DeviceId, type UserId } from '@wisp/protocol';
import type { KeyPackages, NewKeyPackage } from './key-package.js';

export interface Upload {
  userId: UserId;
  deviceId: DeviceId;
  oneTime: NewKeyPackage[];
  lastResort: NewKeyPackage | undefined;
}

/** One-time packages that a device may have waiting: far more than its conversations and 20 (protocol §4). */
const STOCK_LIMIT = 1_000;
/** What a device's clock may be ahead. */
const CLOCK_MARGIN_MS = 60 * 60_000;

export type UploadOutcome =
  { kind: 'stored'; count: number } | { kind: 'bad-lifetime'; field: string } | { kind: 'device-not-listed' };

/** Adds to a device's stock. The same upload again changes nothing. */
export async function uploadKeyPackages(
  { keyPackages, now }: { keyPackages: KeyPackages; now: () => number },
  { userId, deviceId, oneTime, lastResort }: Upload,
): Promise<UploadOutcome> {
  const latest = now() + limits.keyPackageLifetime * 1000 + CLOCK_MARGIN_MS;
  const lives = ({ notAfter }: NewKeyPackage) => notAfter > now() && notAfter <= latest;
  const wrong = oneTime.findIndex((each) => !lives(each));
  if (wrong >= 0) return { kind: 'bad-lifetime', field: `keyPackages.${wrong}.notAfter` };
  if (lastResort && !lives(lastResort)) {
    return { kind: 'bad-lifetime', field: 'lastResort.notAfter' };
  }
  const stored = await keyPackages.add(
    { userId, deviceId },
    { oneTime, lastResort, stockLimit: STOCK_LIMIT },
  );
  return stored === null ? { kind: 'device-not-listed' } : { kind: 'stored', count: stored.count };
}
