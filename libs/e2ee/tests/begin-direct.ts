import { beginConversation } from '../src/index.js';
import {
  asPerson,
  deviceOf,
  newConversationId,
  NOW,
  packageOf,
  seq,
  settings,
  zeroHead,
  type Human,
} from './people.js';

/** The first commit of a direct conversation that `creator` begins with `peer`, and the KeyPackage that it uses. */
export async function beginDirect(creator: Human, peer: Human) {
  const bundle = await packageOf(deviceOf(peer));
  const conversationId = newConversationId();
  const outcome = await beginConversation({
    me: deviceOf(creator),
    now: NOW,
    conversationId,
    incarnation: 1,
    kind: 'direct',
    people: [asPerson(creator, 4), asPerson(peer, 4)],
    keyPackages: [bundle.keyPackage],
    settings,
    lastCommitSeq: seq(0),
    head: zeroHead,
  });
  if (outcome.kind === 'refused') throw new Error(outcome.reason);
  return { bundle, conversationId, pending: outcome.pending };
}
