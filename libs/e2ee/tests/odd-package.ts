import {
  generateKeyPackageWithKey,
  type Capabilities,
  type Extension,
  type KeyPackage,
  type Lifetime,
} from 'ts-mls';
import { encodeKeyPackage, makeKeyPackageRef, signKeyPackage } from 'ts-mls/keyPackage.js';
import { capabilities } from '../src/mls/capabilities.js';
import { loadSuite } from '../src/mls/suite.js';
import type { KeyPackageBundle, OwnDevice } from '../src/index.js';
import { NOW } from './people.js';

export interface Oddity {
  readonly lifetimeDays?: number;
  readonly lifetime?: Lifetime;
  readonly extensions?: Extension[];
  readonly leafExtensions?: Extension[];
  readonly capabilities?: Partial<Capabilities>;
  /** Whatever else is changed before the device signs the whole. */
  readonly change?: (keyPackage: KeyPackage) => Partial<KeyPackage>;
}

/** A KeyPackage that no engine makes, signed by its device. */
export async function oddPackage(device: OwnDevice, odd: Oddity): Promise<KeyPackageBundle> {
  const suite = await loadSuite();
  const notBefore = BigInt(NOW / 1000);
  const signKey = device.signatureKey.secretKey;
  const made = await generateKeyPackageWithKey(
    { credentialType: 'basic', identity: device.certificate },
    { ...capabilities, ...odd.capabilities },
    odd.lifetime ?? { notBefore, notAfter: notBefore + BigInt(odd.lifetimeDays ?? 30) * 86_400n },
    odd.extensions ?? [],
    { publicKey: device.signatureKey.publicKey, signKey },
    suite,
    odd.leafExtensions,
  );
  const { signature: _, ...plain } = { ...made.publicPackage, ...odd.change?.(made.publicPackage) };
  const signed = await signKeyPackage(plain, signKey, suite.signature);
  const ref = await makeKeyPackageRef(signed, suite.hash);
  return { keyPackage: encodeKeyPackage(signed), ref, secrets: new Uint8Array(), notAfter: NOW };
}
