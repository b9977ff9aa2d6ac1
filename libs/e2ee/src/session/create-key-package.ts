import { generateKeyPackageWithKey } from 'ts-mls';
import { encodeKeyPackage, makeKeyPackageRef } from 'ts-mls/keyPackage.js';
import { capabilities, lastResortExtension } from '../mls/capabilities.js';
import { MAX_LIFETIME_SECONDS } from '../mls/client-config.js';
import { loadSuite } from '../mls/suite.js';
import { encodeKeyPackageSecrets } from './key-package-secrets.js';
import type { KeyPackageBundle, OwnDevice } from './types.js';

export interface CreateKeyPackageInput {
  readonly me: OwnDevice;
  /** Server time. */
  readonly now: number;
  /** The one that the server hands out when the others are spent. */
  readonly lastResort: boolean;
}

/** Clocks of claimers may be behind. */
const BACKDATED_SECONDS = 3600n;

/** A KeyPackage (RFC 9420 §10) for 30 days less an hour. */
export async function createKeyPackage(input: CreateKeyPackageInput): Promise<KeyPackageBundle> {
  const { me, now, lastResort } = input;
  const suite = await loadSuite();
  const notBefore = BigInt(Math.floor(now / 1000)) - BACKDATED_SECONDS;
  const notAfter = notBefore + MAX_LIFETIME_SECONDS;
  const made = await generateKeyPackageWithKey(
    { credentialType: 'basic', identity: me.certificate },
    capabilities,
    { notBefore, notAfter },
    lastResort ? [lastResortExtension] : [],
    { publicKey: me.signatureKey.publicKey, signKey: me.signatureKey.secretKey },
    suite,
  );
  return {
    keyPackage: encodeKeyPackage(made.publicPackage),
    ref: await makeKeyPackageRef(made.publicPackage, suite.hash),
    secrets: encodeKeyPackageSecrets(made.privatePackage),
    notAfter: Number(notAfter) * 1000,
  };
}
