import { beforeAll, describe, expect, test } from '@jest/globals';
import { statement, type Statement } from '@wisp/protocol';
import { joinMac, signDeviceStatement, type KeyPackageBundle } from '../../src/index.js';
import { forge, nextState } from '../forge.js';
import { deviceOf, newConversationId, NOW, serverId, type Human } from '../people.js';
import { built, deliver, outcomes, placeOf, startWorld, type Place, type World } from '../world.js';
import { fourPeople, stateOf, listOf, entryFor } from './four-people.js';

let zoe: Human;
let zoePackage: KeyPackageBundle;

beforeAll(async () => {
  ({ zoe, zoePackage } = await fourPeople());
});

describe('who asks by a link comes in as far as it grants', () => {
  const reading = {
    linkId: new Uint8Array(16).fill(1),
    secret: new Uint8Array(32).fill(2),
    role: 1 as const,
  };
  const writing = {
    linkId: new Uint8Array(16).fill(3),
    secret: new Uint8Array(32).fill(4),
    role: 2 as const,
  };
  let home: World;
  let olga: Place, pit: Place;

  beforeAll(async () => {
    home = await startWorld({ olga: 4, pit: 2 });
    [olga, pit] = [placeOf(home, 'olga'), placeOf(home, 'pit')];
    const links = await built(home, olga, { kind: 'links', links: [reading, writing] });
    await deliver(home, olga, links);
  });

  /** Zoe's word that she comes by a link. */
  async function ask(link: { linkId: Uint8Array; secret: Uint8Array }, conversationId = home.conversationId) {
    const { linkId, secret: linkSecret } = link;
    const { userId } = zoe;
    const mac = joinMac({ linkSecret, userId, conversationId: home.conversationId });
    const request = await signDeviceStatement({
      type: 'join-request',
      secretKey: deviceOf(zoe).signatureKey.secretKey,
      body: { serverId, conversationId, userId, linkId, mac, at: NOW },
    });
    return statement.decode(request);
  }

  async function verdictOnRequest(request: Statement, role: 1 | 2 | null): Promise<string> {
    const since = stateOf(olga).version + 1;
    const roster = [...stateOf(olga).roster, ...(role === null ? [] : [entryFor(zoe, { role, since })])];
    const { bytes } = await forge(home, olga.session, {
      ...(role !== null && { state: nextState(olga.session, { roster }), adds: [zoePackage] }),
      evidence: [listOf(zoe), request],
    });
    const outcome = (await outcomes(home, bytes)).get(pit);
    return outcome !== undefined && 'reason' in outcome ? outcome.reason : `${outcome?.kind}`;
  }

  test('each by its own link', async () => {
    expect(await verdictOnRequest(await ask(reading), 1)).toBe('applied');
    expect(await verdictOnRequest(await ask(writing), 2)).toBe('applied');
  });
  test('join-evidence: as more than the link grants', async () => {
    expect(await verdictOnRequest(await ask(reading), 2)).toBe('join-evidence');
  });
  test('join-evidence: without the link’s secret', async () => {
    const guessed = { ...writing, secret: new Uint8Array(32) };
    expect(await verdictOnRequest(await ask(guessed), 1)).toBe('join-evidence');
  });
  test('join-evidence: by no link of this conversation', async () => {
    const unknown = { ...reading, linkId: new Uint8Array(16).fill(9) };
    expect(await verdictOnRequest(await ask(unknown), 1)).toBe('join-evidence');
  });
  test('join-evidence: for another conversation', async () => {
    expect(await verdictOnRequest(await ask(reading, newConversationId()), 1)).toBe('join-evidence');
  });
  test('join-evidence: she asked, and isn’t brought in', async () => {
    expect(await verdictOnRequest(await ask(reading), null)).toBe('join-evidence');
  });
});
