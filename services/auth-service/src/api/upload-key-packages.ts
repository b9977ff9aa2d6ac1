import { unreachable, uploadKeyPackages as operation } from '@wisp/protocol';
import { refuse, route, type Route } from '@wisp/service-kit';
import type { Attempts } from '../domain/attempts.js';
import type { KeyPackages, NewKeyPackage } from '../domain/key-package.js';
import { uploadKeyPackages } from '../domain/upload-key-packages.js';
import { readBytes, type MalformedBytes } from './read-bytes.js';
import { refuseRate } from './refusals.js';

export interface UploadKeyPackagesParts {
  keyPackages: KeyPackages;
  uploads: Attempts;
  now: () => number;
}

export function uploadKeyPackagesRoute({ keyPackages, uploads, now }: UploadKeyPackagesParts): Route {
  return route(operation, async ({ caller, body }) => {
    const allowed = await uploads.take(caller.device);
    if (!allowed.ok) return refuseRate({ kind: 'rate-limited', ...allowed });
    const oneTime: NewKeyPackage[] = [];
    for (const [index, each] of body.keyPackages.entries()) {
      const read = readPackage(each, `keyPackages.${index}.`);
      if (read.kind === 'malformed') return read.refusal;
      oneTime.push(read.keyPackage);
    }
    const last = body.lastResort && readPackage(body.lastResort, 'lastResort.');
    if (last?.kind === 'malformed') return last.refusal;
    const outcome = await uploadKeyPackages(
      { keyPackages, now },
      { userId: caller.user, deviceId: caller.device, oneTime, lastResort: last?.keyPackage },
    );
    switch (outcome.kind) {
      case 'stored':
        return { count: outcome.count };
      case 'bad-lifetime':
        return refuse('malformed', { field: outcome.field });
      case 'device-not-listed':
        return refuse('device-not-listed');
      default:
        return unreachable(outcome);
    }
  });
}

function readPackage(
  { ref, keyPackage, notAfter }: { ref: string; keyPackage: string; notAfter: number },
  place: string,
): { kind: 'read'; keyPackage: NewKeyPackage } | MalformedBytes {
  const read = readBytes({ ref, keyPackage }, place);
  if (read.kind === 'malformed') return read;
  return { kind: 'read', keyPackage: { ref: read.bytes.ref, bytes: read.bytes.keyPackage, notAfter } };
}
