import { conversationId, type ConversationState } from '@wisp/protocol';
import { viewGroup } from '../../../src/index.js';
import { nextState } from '../../forge.js';
import { deviceOf, human, packageOf, seq } from '../../people.js';
import { placeOf, startWorld } from '../../world.js';
import type { Scene } from '../corpus.js';
import { startRecording } from '../record.js';

/** CommitInfo that tells the server something else than what the commit does. */
export async function recordInfo(): Promise<Scene> {
  const world = await startWorld({ olga: 4, mia: 2 });
  const olga = placeOf(world, 'olga');
  const mia = placeOf(world, 'mia');
  const zoe = await human('zoe');
  const zoePackage = await packageOf(deviceOf(zoe));
  const { forged, scene } = startRecording(world, mia);
  const { settings } = viewGroup(olga.session).state;
  const renamed = (): ConversationState =>
    nextState(olga.session, { settings: { ...settings, title: 'Ours' } });

  await forged('applied', 'the truth', { by: olga, state: renamed() });
  const elsewhere = conversationId.parse('01900000-0000-7000-8000-00000000ffff');
  await forged('skipped info-conversation', 'another conversation', {
    by: olga,
    state: renamed(),
    info: { conversationId: elsewhere },
  });
  await forged('skipped info-incarnation', 'another incarnation', {
    by: olga,
    state: renamed(),
    info: { incarnation: 2 },
  });
  await forged('skipped info-kind', 'another kind', {
    by: olga,
    state: renamed(),
    info: { convKind: 'self' },
  });
  await forged('skipped stale-commit-seq', 'ahead of the log', {
    by: olga,
    state: renamed(),
    info: { lastCommitSeq: seq(world.newestCommitSeq + 1) },
  });
  await forged('skipped info-adds', 'an addition that is none', {
    by: olga,
    state: renamed(),
    info: {
      adds: [{ userId: zoe.userId, deviceId: deviceOf(zoe).deviceId, keyPackageRef: zoePackage.ref }],
    },
  });
  await forged('skipped info-removes', 'a removal that is none', {
    by: olga,
    state: renamed(),
    info: { removes: [{ userId: mia.human.userId, deviceId: mia.device.deviceId }] },
  });
  await forged('skipped info-users', 'a role that stays', {
    by: olga,
    state: renamed(),
    info: { users: [{ userId: mia.human.userId, role: 1 }] },
  });
  await forged('skipped info-users', 'a role that moves, untold', {
    by: olga,
    state: nextState(olga.session, {
      roster: viewGroup(olga.session).state.roster.map((entry) =>
        entry.userId === mia.human.userId ? { ...entry, role: 3 as const } : entry,
      ),
    }),
    info: { users: [] },
  });
  return scene;
}
