import type { ConversationId, UserId } from '@wisp/protocol';
import type { Claim, KeyPackages } from './key-package.js';

/** Group-service's word. It throws while group-service is away. */
export interface Membership {
  mayAdd(question: { claimer: UserId; target: UserId; conversation: ConversationId }): Promise<boolean>;
}

export type ClaimOutcome = Awaited<ReturnType<KeyPackages['claim']>> | { kind: 'forbidden' };

/** Beyond this per hour, claimer and target, nobody can drain a stock of one-time packages (protocol §4). */
const ONE_TIME_PER_HOUR = 20;

export async function claimKeyPackages(
  { keyPackages, membership }: { keyPackages: KeyPackages; membership: Membership },
  claim: Claim,
): Promise<ClaimOutcome> {
  const { claimer, target, conversation } = claim;
  if (!(await membership.mayAdd({ claimer, target, conversation }))) return { kind: 'forbidden' };
  return keyPackages.claim(claim, ONE_TIME_PER_HOUR);
}
