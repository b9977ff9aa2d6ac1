import { statement, type ConversationState, type Statement } from '@wisp/protocol';
import { joinMac, signDeviceStatement, viewGroup, type OwnDevice } from '../../../src/index.js';
import { nextState, type Forgery } from '../../forge.js';
import { deviceOf, human, newConversationId, NOW, packageOf, serverId, type Human } from '../../people.js';
import { commit, placeOf, startWorld } from '../../world.js';
import type { Scene } from '../corpus.js';
import { startRecording } from '../record.js';

const linkId = new Uint8Array(16).fill(1);
const linkSecret = new Uint8Array(32).fill(2);

/** Statements that are forged, for elsewhere, there twice, or none at all. */
export async function recordRequests(): Promise<Scene> {
  const world = await startWorld({ olga: 4, nina: 2 });
  const olga = placeOf(world, 'olga');
  const nina = placeOf(world, 'nina');
  await commit(world, olga, { kind: 'links', links: [{ linkId, secret: linkSecret, role: 2 }] });
  const zoe = await human('zoe');
  const zoePackage = await packageOf(deviceOf(zoe));
  const back = await packageOf(nina.device);
  const { forged, scene } = startRecording(world, nina);
  const here = world.conversationId;
  const elsewhere = newConversationId();
  const { roster, version } = viewGroup(olga.session).state;
  const { own, groupId } = viewGroup(nina.session);

  const sign = async (
    by: OwnDevice,
    request: Pick<Parameters<typeof signDeviceStatement>[0], 'type' | 'body'>,
  ) => statement.decode(await signDeviceStatement({ ...request, secretKey: by.signatureKey.secretKey }));
  const empty = (type: Statement['type']): Statement => ({
    type,
    body: Uint8Array.of(0xa0),
    sig: new Uint8Array(64),
  });

  const out = (evidence: Statement[]): Forgery & { by: typeof olga } => ({
    by: olga,
    state: nextState(olga.session, {
      roster: roster.filter((entry) => entry.userId !== nina.human.userId),
    }),
    removes: [own.index],
    evidence,
  });
  const leave = (by: OwnDevice, conversationId = here) =>
    sign(by, {
      type: 'leave-request',
      body: { serverId, conversationId, userId: nina.human.userId, since: 1 },
    });
  const left = await leave(nina.device);
  await forged(
    'skipped leave-evidence',
    'a leave from elsewhere',
    out([await leave(nina.device, elsewhere)]),
  );
  await forged('skipped evidence-signature', 'a leave in her name', out([await leave(olga.device)]));
  await forged('skipped evidence-unused', 'a leave twice', out([left, left]));

  const repaired = (evidence: Statement[]): Forgery & { by: typeof olga } => ({
    by: olga,
    state: nextState(olga.session, {}),
    removes: [own.index],
    adds: [back],
    evidence,
  });
  const repair = (
    by: OwnDevice,
    change: { conversationId?: typeof here; deviceId?: OwnDevice['deviceId'] } = {},
  ) =>
    sign(by, {
      type: 'repair-request',
      body: {
        serverId,
        conversationId: here,
        groupId,
        deviceId: own.deviceId,
        leafHash: own.hash,
        reason: 'store-damaged',
        // It isn't looked at.
        keyPackage: Uint8Array.of(1),
        at: NOW,
        ...change,
      },
    });
  const right = await repair(nina.device);
  await forged(
    'skipped repair-evidence',
    'a repair from elsewhere',
    repaired([await repair(nina.device, { conversationId: elsewhere })]),
  );
  await forged(
    'skipped repair-evidence',
    'a repair of a device that is not here',
    repaired([await repair(deviceOf(zoe), { deviceId: deviceOf(zoe).deviceId })]),
  );
  await forged('skipped evidence-signature', 'a repair in her name', repaired([await repair(olga.device)]));
  await forged('skipped evidence-unused', 'a repair twice', repaired([right, right]));

  const come = (evidence: Statement[], since = version + 1): Forgery & { by: typeof olga } => ({
    by: olga,
    state: withNewcomer(olga.session, { of: zoe, since }),
    adds: [zoePackage],
    evidence: [statement.decode(zoe.list.statement), ...evidence],
  });
  const join = (
    by: OwnDevice,
    change: { conversationId?: typeof here; link?: Uint8Array; secret?: Uint8Array } = {},
  ) => {
    const { conversationId = here, link = linkId, secret = linkSecret } = change;
    const mac = joinMac({ linkSecret: secret, userId: zoe.userId, conversationId });
    return sign(by, {
      type: 'join-request',
      body: { serverId, conversationId, userId: zoe.userId, linkId: link, mac, at: NOW },
    });
  };
  const zoes = deviceOf(zoe);
  const asked = await join(zoes);
  await forged(
    'skipped join-evidence',
    'a wish for elsewhere',
    come([await join(zoes, { conversationId: elsewhere })]),
  );
  await forged('skipped evidence-signature', 'a wish in her name', come([await join(nina.device)]));
  await forged('skipped evidence-unused', 'a wish twice', come([asked, asked]));
  await forged(
    'skipped join-evidence',
    'by a link that there is not',
    come([await join(zoes, { link: new Uint8Array(16) })]),
  );
  await forged(
    'skipped join-evidence',
    'without the secret of the link',
    come([await join(zoes, { secret: new Uint8Array(32) })]),
  );
  await forged('skipped state-since', 'a newcomer dated back', come([], 1));
  await forged('skipped device-evidence', 'a list of nothing', {
    by: olga,
    evidence: [empty('device-list')],
  });
  return scene;
}

function withNewcomer(
  session: Parameters<typeof nextState>[0],
  { of: person, since }: { of: Human; since: number },
): ConversationState {
  const entry = {
    userId: person.userId,
    role: 2 as const,
    since,
    listVersion: person.list.version,
    listHash: person.list.hash,
  };
  return nextState(session, { roster: [...viewGroup(session).state.roster, entry] });
}
