import { commitInfo, statement } from '@wisp/protocol';
import { signDeviceStatement, viewGroup } from '../../../src/index.js';
import { plantedKey } from '../../cheats.js';
import { craft, honestPath } from '../../craft.js';
import { nextState, withMls } from '../../forge.js';
import { asPerson, deviceOf, human, makeDevice, packageOf, seq, serverId } from '../../people.js';
import { built, placeOf, startWorld } from '../../world.js';
import type { Scene } from '../corpus.js';
import { startRecording } from '../record.js';

/** What happens in any group, and the coarsest lies. */
export async function recordGroup(): Promise<Scene> {
  const world = await startWorld({ alice: 4, bob: 2, mallory: 2 });
  const alice = placeOf(world, 'alice');
  const bob = placeOf(world, 'bob');
  const mallory = placeOf(world, 'mallory');
  const zoe = await human('zoe');
  const zoePackage = await packageOf(deviceOf(zoe));
  const { state } = viewGroup(alice.session);
  const { put, forged, scene } = startRecording(world, bob);

  const rename = await built(world, alice, { kind: 'settings', change: { title: 'Garden' } });
  await put('applied', 'owner renames', rename.bytes);
  const heal = await built(world, mallory, { kind: 'self-update' });
  await put('applied', 'member heals', heal.bytes);
  const people = [asPerson(zoe, 2)];
  const add = await built(world, alice, { kind: 'add', people, keyPackages: [zoePackage.keyPackage] });
  await put('applied', 'owner adds zoe', add.bytes);
  const out = await built(world, alice, { kind: 'remove', users: [mallory.human.userId] });
  await put('applied', 'owner removes mallory', out.bytes);
  const gone = await built(world, alice, { kind: 'remove', users: [bob.human.userId] });
  await put('removed', 'owner removes the observer', gone.bytes);
  const leave = await signDeviceStatement({
    type: 'leave-request',
    secretKey: alice.device.signatureKey.secretKey,
    body: { serverId, conversationId: world.conversationId, userId: alice.human.userId, since: 1 },
  });
  const left = await built(world, mallory, { kind: 'leave', requests: [leave] });
  await put('applied', 'member lets the owner leave', left.bytes);

  await forged('skipped role-settings', 'member renames', {
    by: mallory,
    state: nextState(mallory.session, { settings: { ...state.settings, title: 'Mine' } }),
  });
  await forged('skipped role-change', 'member crowns herself', {
    by: mallory,
    state: nextState(mallory.session, {
      roster: state.roster.map((entry) =>
        entry.userId === mallory.human.userId ? { ...entry, role: 4 as const } : entry,
      ),
    }),
  });
  await forged('skipped stale-commit-seq', 'stale', { by: alice, info: { lastCommitSeq: seq(0) } });
  await forged('skipped info-members', 'members hash wrong', {
    by: alice,
    info: { members: new Uint8Array(32) },
  });
  await forged('skipped extensions', 'extensions empty', { by: alice, extensions: [] });
  await forged('skipped device-unlisted', 'ghost device', {
    by: alice,
    state: nextState(alice.session, {}),
    adds: [await packageOf(await makeDevice(bob.human.identitySeed, bob.human.userId))],
    evidence: [statement.decode(bob.human.list.statement)],
  });
  await forged('skipped device-evidence', 'removal without evidence', { by: mallory, removes: [1] });
  await forged('skipped framing', 'public message', { by: mallory, asPublicMessage: true });
  await forged('skipped commit-info-malformed', 'no CommitInfo', {
    by: mallory,
    authenticatedData: Uint8Array.of(1),
  });
  const stolen = withMls(mallory.session, (mls) => ({ ...mls, signaturePrivateKey: new Uint8Array(32) }));
  await forged('skipped signature', 'another signature', { by: { ...mallory, session: stolen } });

  const authenticatedData = commitInfo.encode(heal.commitInfo);
  const crafted = (commit: Parameters<typeof craft>[1]['commit']): Promise<Uint8Array> =>
    craft(mallory.session, { commit, authenticatedData });
  await put('skipped update-path', 'no path', await crafted({ proposals: [], path: undefined }));
  const unknown = { proposalType: 0xf0ff, proposalData: Uint8Array.of(1) };
  const proposals = [{ proposalOrRefType: 'proposal' as const, proposal: unknown }];
  await put('skipped proposal-type', 'unknown proposal', await crafted({ proposals, path: undefined }));
  const path = await honestPath(mallory.session);
  await put('damaged confirmation-tag', 'false confirmation tag', await crafted({ proposals: [], path }));

  await forged('damaged path-secret', 'planted key', { by: mallory, suite: await plantedKey() });
  return scene;
}
