import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openWorld, type Person, type World } from '../src/index.js';

let world: World;
let alice: Person;
let bob: Person;

beforeAll(async () => {
  world = await openWorld();
  [alice, bob] = [await world.person('alice'), await world.person('bob')];
});

afterAll(async () => {
  await world.close();
});

test('two people find each other and chat', async () => {
  await alice.chatWith(bob);
  await alice.says('hi');
  await bob.hearsFrom(alice);
  await bob.sees('hi');
  await bob.says('hello yourself');
  await alice.sees('hello yourself');
  expect(await alice.texts()).toEqual(['hi', 'hello yourself']);
  expect(await bob.texts()).toEqual(['hi', 'hello yourself']);
});
