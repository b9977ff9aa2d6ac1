import { beforeAll, describe, expect, test } from '@jest/globals';
import { generateKeyPackageWithKey } from 'ts-mls';
import { encodeKeyPackage, makeKeyPackageRef } from 'ts-mls/keyPackage.js';
import type { KeyPackageBundle } from '../../src/index.js';
import { capabilities } from '../../src/mls/capabilities.js';
import { loadSuite } from '../../src/mls/suite.js';
import type { Forgery } from '../forge.js';
import { deviceOf, NOW, type Human } from '../people.js';
import type { Place, World } from '../world.js';
import { fourPeople, verdictIn, skipped, listOf, entryFor, withUser } from './four-people.js';

let world: World;
let bob: Place;
let zoe: Human;

beforeAll(async () => {
  ({ world, bob, zoe } = await fourPeople());
});

const verdictOn = (by: Place, forgery: Forgery) => verdictIn(world, by, forgery);

describe('KeyPackages and leaves in a commit', () => {
  const add = (bundle: KeyPackageBundle): Forgery => ({
    state: withUser(bob, entryFor(zoe)),
    adds: [bundle],
    evidence: [listOf(zoe)],
  });
  async function oddPackage(change: {
    lifetimeDays?: number;
    extensions?: { extensionType: number; extensionData: Uint8Array }[];
    leafExtensions?: { extensionType: number; extensionData: Uint8Array }[];
    identity?: Uint8Array;
    extensionTypes?: number[];
  }): Promise<KeyPackageBundle> {
    const suite = await loadSuite();
    const device = deviceOf(zoe);
    const notBefore = BigInt(NOW / 1000);
    const made = await generateKeyPackageWithKey(
      { credentialType: 'basic', identity: change.identity ?? device.certificate },
      { ...capabilities, extensions: change.extensionTypes ?? [...capabilities.extensions, 0xf0a7] },
      { notBefore, notAfter: notBefore + BigInt(change.lifetimeDays ?? 30) * 86_400n },
      change.extensions ?? [],
      { publicKey: device.signatureKey.publicKey, signKey: device.signatureKey.secretKey },
      suite,
      change.leafExtensions,
    );
    const keyPackage = encodeKeyPackage(made.publicPackage);
    const ref = await makeKeyPackageRef(made.publicPackage, suite.hash);
    return { keyPackage, ref, secrets: new Uint8Array(), notAfter: NOW };
  }
  const foreign = [{ extensionType: 0xf0a7, extensionData: new Uint8Array() }];

  test('more capabilities than ours are welcome', async () => {
    expect(await verdictOn(bob, add(await oddPackage({})))).toBe('applied');
  });
  test('key-package: good for longer than 30 days', async () => {
    expect(await verdictOn(bob, add(await oddPackage({ lifetimeDays: 31 })))).toBe(skipped('key-package'));
  });
  test('key-package: with an extension that is not last_resort', async () => {
    expect(await verdictOn(bob, add(await oddPackage({ extensions: foreign })))).toBe(skipped('key-package'));
  });
  test('key-package: with an extension in its leaf', async () => {
    expect(await verdictOn(bob, add(await oddPackage({ leafExtensions: foreign })))).toBe(
      skipped('key-package'),
    );
  });
});
