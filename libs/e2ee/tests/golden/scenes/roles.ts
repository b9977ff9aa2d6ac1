import { statement, type ConversationState, type RoleNumber, type RosterEntry } from '@wisp/protocol';
import { viewGroup } from '../../../src/index.js';
import { nextState } from '../../forge.js';
import { deviceOf, human, packageOf, type Human } from '../../people.js';
import { placeOf, startWorld, type Place } from '../../world.js';
import type { Scene } from '../corpus.js';
import { startRecording } from '../record.js';

/** Who may what, by the roles before the commit. */
export async function recordRoles(): Promise<Scene> {
  const world = await startWorld({ olga: 4, adam: 3, mia: 2, rita: 1 });
  const [olga, adam, mia, rita] = ['olga', 'adam', 'mia', 'rita'].map((name) => placeOf(world, name)) as [
    Place,
    Place,
    Place,
    Place,
  ];
  const zoe = await human('zoe');
  const zoePackage = await packageOf(deviceOf(zoe));
  const { forged, scene } = startRecording(world, rita);
  const { roster, settings } = viewGroup(olga.session).state;

  const withRoles = (roles: readonly [Place, RoleNumber][]): ConversationState => ({
    ...nextState(olga.session, {}),
    roster: roster.map((entry) => {
      const given = roles.find(([place]) => place.human.userId === entry.userId);
      return given === undefined ? entry : { ...entry, role: given[1] };
    }),
  });
  const out = (gone: Place, heir?: Place): { state: ConversationState; removes: number[] } => ({
    state: {
      ...withRoles(heir === undefined ? [] : [[heir, 4]]),
      roster: withRoles(heir === undefined ? [] : [[heir, 4]]).roster.filter(
        (entry) => entry.userId !== gone.human.userId,
      ),
    },
    removes: [viewGroup(gone.session).own.index],
  });
  const bringing = (role: RoleNumber) => ({
    state: nextState(olga.session, { roster: [...roster, entryOf(zoe, role)] }),
    adds: [zoePackage],
    evidence: [statement.decode(zoe.list.statement)],
  });

  await forged('applied', 'an admin brings a member in', { by: adam, ...bringing(2) });
  await forged('skipped role-add', 'an admin brings an admin in', { by: adam, ...bringing(3) });
  await forged('skipped role-add', 'a member brings somebody in', { by: mia, ...bringing(2) });
  await forged('applied', 'an owner brings an owner in', { by: olga, ...bringing(4) });
  await forged('applied', 'an admin puts a member out', { by: adam, ...out(mia) });
  await forged('skipped role-remove', 'a member puts an admin out', { by: mia, ...out(adam) });
  await forged('skipped role-remove', 'an admin puts the owner out', { by: adam, ...out(olga, adam) });
  await forged('applied', 'an admin lowers a member', { by: adam, state: withRoles([[mia, 1]]) });
  await forged('skipped role-change', 'an admin raises a member', { by: adam, state: withRoles([[mia, 3]]) });
  await forged('skipped role-change', 'a member crowns herself', { by: mia, state: withRoles([[mia, 4]]) });
  await forged('skipped no-owner', 'the last owner steps down', { by: olga, state: withRoles([[olga, 2]]) });
  await forged('applied', 'the last owner hands over', {
    by: olga,
    state: withRoles([
      [olga, 2],
      [adam, 4],
    ]),
  });
  await forged('applied', 'an admin renames', {
    by: adam,
    state: nextState(adam.session, { settings: { ...settings, title: 'Ours' } }),
  });
  await forged('skipped role-settings', 'a member sets the timer', {
    by: mia,
    state: nextState(mia.session, { settings: { ...settings, timer: { mode: 'after-send', ttl: 5 } } }),
  });
  await forged('skipped role-settings', 'a member bans', {
    by: mia,
    state: nextState(mia.session, { banned: [zoe.userId] }),
  });
  return scene;
}

const entryOf = (person: Human, role: RoleNumber): RosterEntry => ({
  userId: person.userId,
  role,
  since: 2,
  listVersion: person.list.version,
  listHash: person.list.hash,
});
