import { beforeAll, describe, expect, test } from '@jest/globals';
import type { KeyPackageBundle, OwnDevice } from '../../src/index.js';
import { capabilities as ours } from '../../src/mls/capabilities.js';
import type { Forgery } from '../forge.js';
import { oddPackage } from '../odd-package.js';
import { deviceOf, type Human } from '../people.js';
import type { Place, World } from '../world.js';
import { entryFor, fourPeople, listOf, skipped, verdictIn, withUser } from './four-people.js';

let world: World;
let bob: Place;
let zoe: Human;
let device: OwnDevice;

beforeAll(async () => {
  ({ world, bob, zoe } = await fourPeople());
  device = deviceOf(zoe);
});

const verdictOn = (by: Place, forgery: Forgery) => verdictIn(world, by, forgery);

describe('KeyPackages and leaves in a commit', () => {
  const add = (bundle: KeyPackageBundle): Forgery => ({
    state: withUser(bob, entryFor(zoe)),
    adds: [bundle],
    evidence: [listOf(zoe)],
  });
  const foreign = [{ extensionType: 0xf0a7, extensionData: new Uint8Array() }];
  const capabilities = { extensions: [...ours.extensions, 0xf0a7] };

  test('more capabilities than ours are welcome', async () => {
    expect(await verdictOn(bob, add(await oddPackage(device, { capabilities })))).toBe('applied');
  });
  test('key-package: good for longer than 30 days', async () => {
    const long = await oddPackage(device, { capabilities, lifetimeDays: 31 });
    expect(await verdictOn(bob, add(long))).toBe(skipped('key-package'));
  });
  test('key-package: good for no time', async () => {
    const ended = await oddPackage(device, { capabilities, lifetimeDays: 0 });
    expect(await verdictOn(bob, add(ended))).toBe(skipped('key-package'));
  });
  test('key-package: with an extension that is not last_resort', async () => {
    const extended = await oddPackage(device, { capabilities, extensions: foreign });
    expect(await verdictOn(bob, add(extended))).toBe(skipped('key-package'));
  });
  test('key-package: with an extension in its leaf', async () => {
    const extended = await oddPackage(device, { capabilities, leafExtensions: foreign });
    expect(await verdictOn(bob, add(extended))).toBe(skipped('key-package'));
  });
});
