import { writeFileSync } from 'node:fs';
import type { CiphersuiteImpl } from 'ts-mls';
import { commitInfo, encodeBase64url, statement } from '@wisp/protocol';
import { encodeSession, openCommit, signDeviceStatement, viewGroup } from '../../src/index.js';
import { loadSuite } from '../../src/mls/suite.js';
import { craft, honestPath } from '../craft.js';
import { forge, nextState, withMls } from '../forge.js';
import { asPerson, deviceOf, human, makeDevice, packageOf, seq, serverId } from '../people.js';
import { built, placeOf, startWorld } from '../world.js';
import { describeOutcome, type Corpus, type Verdicts } from './corpus.js';

/*
 * Makes the corpus anew: `npx tsx libs/e2ee/tests/golden/make-corpus.ts`. Only a new format or rule calls for that; the
 * verdicts on commits that exist must not change.
 */

const world = await startWorld({ alice: 4, bob: 2, mallory: 2 });
const alice = placeOf(world, 'alice');
const bob = placeOf(world, 'bob');
const mallory = placeOf(world, 'mallory');
const zoe = await human('zoe');
const zoePackage = await packageOf(deviceOf(zoe));
const suite = await loadSuite();
const foreign = await suite.hpke.exportPublicKey((await suite.hpke.generateKeyPair()).publicKey);
const { state } = viewGroup(alice.session);
const corpus: Corpus = {
  observer: { tree: '', rest: '' },
  newestCommitSeq: world.newestCommitSeq,
  commits: [],
};
const put = (name: string, bytes: Uint8Array): void => {
  corpus.commits.push({ name, bytes: encodeBase64url(bytes) });
};
const forged = async (
  name: string,
  ...how: Parameters<typeof forge> extends [unknown, ...infer Rest] ? Rest : never
) => put(name, (await forge(world, ...how)).bytes);

put('owner renames', (await built(world, alice, { kind: 'settings', change: { title: 'Garden' } })).bytes);
put('member heals', (await built(world, mallory, { kind: 'self-update' })).bytes);
put(
  'owner adds zoe',
  (
    await built(world, alice, {
      kind: 'add',
      people: [asPerson(zoe, 2)],
      keyPackages: [zoePackage.keyPackage],
    })
  ).bytes,
);
put(
  'owner removes mallory',
  (await built(world, alice, { kind: 'remove', users: [mallory.human.userId] })).bytes,
);
put(
  'owner removes the observer',
  (await built(world, alice, { kind: 'remove', users: [bob.human.userId] })).bytes,
);
const leave = await signDeviceStatement({
  type: 'leave-request',
  secretKey: alice.device.signatureKey.secretKey,
  body: { serverId, conversationId: world.conversationId, userId: alice.human.userId, since: 1 },
});
put('member lets the owner leave', (await built(world, mallory, { kind: 'leave', requests: [leave] })).bytes);

const title = { ...state.settings, title: 'Mine' };
await forged('member renames', mallory.session, { state: nextState(mallory.session, { settings: title }) });
await forged('member crowns herself', mallory.session, {
  state: nextState(mallory.session, {
    roster: state.roster.map((entry) =>
      entry.userId === mallory.human.userId ? { ...entry, role: 4 as const } : entry,
    ),
  }),
});
await forged('stale', alice.session, { info: { lastCommitSeq: seq(0) } });
await forged('members hash wrong', alice.session, { info: { members: new Uint8Array(32) } });
await forged('extensions empty', alice.session, { extensions: [] });
await forged('ghost device', alice.session, {
  state: nextState(alice.session, {}),
  adds: [await packageOf(await makeDevice(bob.human.identitySeed, bob.human.userId))],
  evidence: [statement.decode(bob.human.list.statement)],
});
await forged('removal without evidence', mallory.session, { removes: [1] });
await forged('public message', mallory.session, { asPublicMessage: true });
await forged('no CommitInfo', mallory.session, { authenticatedData: Uint8Array.of(1) });
await forged(
  'another signature',
  withMls(mallory.session, (mls) => ({ ...mls, signaturePrivateKey: new Uint8Array(32) })),
  {},
);
const authenticatedData = commitInfo.encode(
  (await built(world, mallory, { kind: 'self-update' })).commitInfo,
);
put(
  'no path',
  await craft(mallory.session, { commit: { proposals: [], path: undefined }, authenticatedData }),
);
put(
  'unknown proposal',
  await craft(mallory.session, {
    commit: {
      proposals: [
        { proposalOrRefType: 'proposal', proposal: { proposalType: 0xf0ff, proposalData: Uint8Array.of(1) } },
      ],
      path: undefined,
    },
    authenticatedData,
  }),
);
put(
  'false confirmation tag',
  await craft(mallory.session, {
    commit: { proposals: [], path: await honestPath(mallory.session) },
    authenticatedData,
  }),
);
let made = 0;
const planting: CiphersuiteImpl = {
  ...suite,
  hpke: {
    ...suite.hpke,
    exportPublicKey: async (key) => {
      made += 1;
      return made === 1 ? foreign : suite.hpke.exportPublicKey(key);
    },
  },
};
await forged('planted key', mallory.session, { suite: planting });

const { tree, rest } = encodeSession(bob.session);
corpus.observer = { tree: encodeBase64url(tree), rest: encodeBase64url(rest) };
const verdicts: Verdicts = {};
for (const { name, bytes } of corpus.commits) {
  const entry = { seq: seq(9), acceptedAt: world.now, newestCommitSeq: seq(corpus.newestCommitSeq) };
  verdicts[name] = describeOutcome(await openCommit(bob.session, Buffer.from(bytes, 'base64url'), entry));
}
const write = (name: string, value: unknown): void =>
  writeFileSync(new URL(name, import.meta.url), `${JSON.stringify(value, null, 1)}\n`);
write('corpus.json', corpus);
write('verdicts.json', verdicts);
