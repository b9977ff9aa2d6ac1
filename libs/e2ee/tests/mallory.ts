import type { Commit, Proposal } from 'ts-mls';
import { commitInfo } from '@wisp/protocol';
import { craft } from './craft.js';
import { forge, type Forgery } from './forge.js';
import { built, outcomes, placeOf, startWorld } from './world.js';

/* Mallory is a plain member; Alice owns, Bob and Carol look on. */

export const world = await startWorld({ alice: 4, bob: 2, carol: 2, mallory: 2 });
export const [alice, bob, carol, mallory] = [
  placeOf(world, 'alice'),
  placeOf(world, 'bob'),
  placeOf(world, 'carol'),
  placeOf(world, 'mallory'),
] as const;

export async function eachSays(bytes: Uint8Array): Promise<Record<string, string>> {
  const said: Record<string, string> = {};
  for (const [place, outcome] of await outcomes(world, bytes)) {
    if (place === mallory) continue;
    said[place.human.name] = 'reason' in outcome ? `${outcome.kind} ${outcome.reason}` : outcome.kind;
  }
  return said;
}
export const all = (verdict: string) => ({ alice: verdict, bob: verdict, carol: verdict });
export const tryForgery = async (forgery: Forgery) =>
  eachSays((await forge(world, mallory.session, forgery)).bytes);

/** CommitInfo of an empty commit by Mallory, for what is crafted by hand. */
export async function plainInfo(): Promise<Uint8Array> {
  const { commitInfo: info } = await built(world, mallory, { kind: 'self-update' });
  return commitInfo.encode(info);
}
export const tryCommit = async (commit: Commit) =>
  eachSays(await craft(mallory.session, { commit, authenticatedData: await plainInfo() }));
export const byValue = (proposal: Proposal): Commit => ({
  proposals: [{ proposalOrRefType: 'proposal', proposal }],
  path: undefined,
});
