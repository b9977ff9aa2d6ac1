import {
  decodeBase64url,
  limits,
  type BodyOf,
  type DeviceId,
  type uploadKeyPackages as operation,
  type UserId,
} from '@wisp/protocol';
import type { KeyPackages, NewKeyPackage } from './key-package.js';

type Upload = BodyOf<typeof operation>;
type UploadedPackage = Upload['keyPackages'][number];

/** What a device's clock may be ahead. */
const CLOCK_MARGIN_MS = 60 * 60_000;

export type UploadOutcome =
  { kind: 'stored'; count: number } | { kind: 'bad-lifetime'; field: string } | { kind: 'device-not-listed' };

/** Adds to a device's stock. The same upload again changes nothing. */
export async function uploadKeyPackages(
  { keyPackages, now }: { keyPackages: KeyPackages; now: () => number },
  input: { userId: UserId; deviceId: DeviceId; upload: Upload },
): Promise<UploadOutcome> {
  const { upload, ...device } = input;
  const latest = now() + limits.keyPackageLifetime * 1000 + CLOCK_MARGIN_MS;
  const lives = ({ notAfter }: UploadedPackage) => notAfter > now() && notAfter <= latest;
  const wrong = upload.keyPackages.findIndex((each) => !lives(each));
  if (wrong >= 0) return { kind: 'bad-lifetime', field: `keyPackages.${wrong}.notAfter` };
  if (upload.lastResort && !lives(upload.lastResort)) {
    return { kind: 'bad-lifetime', field: 'lastResort.notAfter' };
  }
  const stored = await keyPackages.add(device, {
    oneTime: upload.keyPackages.map(decode),
    lastResort: upload.lastResort && decode(upload.lastResort),
  });
  return stored === null ? { kind: 'device-not-listed' } : { kind: 'stored', count: stored.count };
}

function decode({ ref, keyPackage, notAfter }: UploadedPackage): NewKeyPackage {
  return { ref: decodeBase64url(ref), bytes: decodeBase64url(keyPackage), notAfter };
}
