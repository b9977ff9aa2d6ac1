import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Person } from '../src/index.js';
import { openBareWorld, type BareWorld } from './bare-world.js';
import { isInIncarnation, requestOf, wasLetBackIn } from './repair/let-back-in.js';
import { backUp, spoilSession } from './repair/stored-sessions.js';
import { areWell, everything, expectOnce, openPair, talk } from './repair/talk.js';

/* What no repair mends. */

let stage: BareWorld;

beforeAll(async () => {
  stage = await openBareWorld();
}, 60_000);

afterAll(() => stage.close());

describe('a conversation that nothing else can mend begins its next incarnation', () => {
  test('a device that doesn’t know its own newest commit; the timer is restored', async () => {
    const { alice, bob, conversation } = await openPair(stage.world);
    await bob.engine.close();
    const copy = await backUp(bob);
    await bob.reload();
    await bob.engine.setTimer({
      conversation: (await bob.onlyChat()).id,
      timer: { mode: 'afterRead', ttlSeconds: 3600 },
    });
    const hasTimer = (who: Person) =>
      who.waitFor(
        async () => ((await who.onlyChat()).timer.mode === 'afterRead' ? true : undefined),
        'the timer',
      );
    await hasTimer(alice);
    await bob.engine.close();
    await copy.restore();
    await bob.reload();
    await wasLetBackIn(bob);
    await areWell(alice, bob);
    await hasTimer(bob);
    await hasTimer(alice);
    await talk({ alice, bob }, 'after');
    await expectOnce(bob, [...everything('before'), ...everything('after')]);
    await expectOnce(alice, [...everything('before'), ...everything('after')]);
    await isInIncarnation(stage, { who: bob, conversation, incarnation: 2 });
  }, 120_000);

  test('both are out of step', async () => {
    const { alice, bob, conversation } = await openPair(stage.world);
    alice.goesOffline();
    await alice.says('is anybody there');
    for (const who of [alice, bob]) {
      await who.engine.close();
      await spoilSession(who);
      await who.reload();
    }
    await alice.comesBack();
    await wasLetBackIn(alice);
    await wasLetBackIn(bob);
    await areWell(alice, bob);
    await talk({ alice, bob }, 'after');
    const all = [...everything('before'), 'is anybody there', ...everything('after')];
    await expectOnce(alice, all);
    await expectOnce(bob, all);
    await isInIncarnation(stage, { who: bob, conversation, incarnation: 2 });
  }, 120_000);

  test('nobody answers: after two requests the device begins anew by itself', async () => {
    const { alice, bob, conversation } = await openPair(stage.world);
    await alice.engine.close();
    await bob.engine.close();
    await spoilSession(bob);
    await bob.reload();
    await bob.says('who is there');
    const first = await requestOf(stage, { who: bob, conversation, before: null });
    await stage.world.timePasses(16 * 60_000);
    await requestOf(stage, { who: bob, conversation, before: first });
    await stage.world.timePasses(3 * 60 * 60_000);
    await areWell(bob);
    await isInIncarnation(stage, { who: bob, conversation, incarnation: 2 });
    await alice.reload();
    await talk({ alice, bob }, 'after');
    await expectOnce(alice, [...everything('before'), 'who is there', ...everything('after')]);
  }, 120_000);
});
