import { conversationId, type ConversationState, type RosterEntry } from '@wisp/protocol';
import { viewGroup } from '../../../src/index.js';
import { CONVERSATION_STATE } from '../../../src/mls/capabilities.js';
import { contextExtensions } from '../../../src/mls/context-extensions.js';
import { nextState } from '../../forge.js';
import { human } from '../../people.js';
import { placeOf, startWorld } from '../../world.js';
import type { Scene } from '../corpus.js';
import { startRecording } from '../record.js';

/** What an owner may and may not make of the state. */
export async function recordState(): Promise<Scene> {
  const world = await startWorld({ olga: 4, mia: 2 });
  const olga = placeOf(world, 'olga');
  const mia = placeOf(world, 'mia');
  const zoe = await human('zoe');
  const { forged, scene } = startRecording(world, mia);
  const before = viewGroup(olga.session).state;
  const next = (change: Partial<ConversationState>): { by: typeof olga; state: ConversationState } => ({
    by: olga,
    state: nextState(olga.session, change),
  });
  const withMia = (to: Partial<RosterEntry>): RosterEntry[] =>
    before.roster.map((entry) => (entry.userId === mia.human.userId ? { ...entry, ...to } : entry));

  await forged('applied', 'a ban', next({ banned: [zoe.userId] }));
  await forged('applied', 'a rise', next({ roster: withMia({ role: 4 }) }));
  const elsewhere = conversationId.parse('01900000-0000-7000-8000-00000000ffff');
  await forged('skipped state-identity', 'another conversation', next({ conversationId: elsewhere }));
  await forged('skipped state-identity', 'another kind', next({ kind: 'self' }));
  await forged('skipped state-identity', 'another incarnation', next({ incarnation: 2 }));
  const parent = { groupId: new Uint8Array(32), epoch: 1, transcriptHash: new Uint8Array(48) };
  await forged('skipped state-parent', 'a parent of its own making', next({ parent }));
  await forged('skipped state-version', 'two versions at once', next({ banned: [zoe.userId], version: 3 }));
  await forged('skipped state-version', 'the same version', next({ banned: [zoe.userId], version: 1 }));
  await forged('skipped state-version', 'a new version of nothing', next({}));
  await forged('skipped state-since', "somebody's since", next({ roster: withMia({ since: 2 }) }));
  await forged('skipped banned-user', 'a ban of one who stays', next({ banned: [mia.human.userId] }));
  const alone = before.roster.filter((entry) => entry.userId !== mia.human.userId);
  await forged('skipped leaf-without-user', 'a device behind its user', next({ roster: alone }));
  await forged(
    'skipped device-list-version',
    'a list that nobody shows',
    next({ roster: withMia({ listVersion: 2 }) }),
  );

  const own = contextExtensions(nextState(olga.session, { banned: [zoe.userId] }));
  const [required, state] = own;
  if (required === undefined || state === undefined) throw new Error('two extensions');
  await forged('skipped extensions', 'without required_capabilities', { by: olga, extensions: [state] });
  await forged('skipped extensions', 'in the other order', { by: olga, extensions: [state, required] });
  await forged('skipped extensions', 'our state twice', { by: olga, extensions: [required, state, state] });
  const foreign = { extensionType: 0xf0a2, extensionData: new Uint8Array() };
  await forged('skipped extensions', 'a foreign one', { by: olga, extensions: [required, state, foreign] });
  const broken = { extensionType: CONVERSATION_STATE, extensionData: Uint8Array.of(0xa0) };
  await forged('skipped state-malformed', 'no state', { by: olga, extensions: [required, broken] });
  const longer = { ...state, extensionData: Uint8Array.of(...state.extensionData, 0) };
  await forged('skipped state-malformed', 'trailing bytes', { by: olga, extensions: [required, longer] });
  return scene;
}
