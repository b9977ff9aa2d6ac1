import { z } from 'zod';
import { encodeBase64url } from '@wisp/protocol';
import { viewGroup, type CommitOutcome } from '../../src/index.js';

/** Commits against one stored session; bytes as base64url. */
export const corpusSchema = z.strictObject({
  observer: z.strictObject({ tree: z.string(), rest: z.string() }),
  newestCommitSeq: z.int(),
  commits: z.array(z.strictObject({ name: z.string(), bytes: z.string() })),
});
export type Corpus = z.infer<typeof corpusSchema>;

/** The verdict, and what the observer derives of the next epoch where there is one. */
export const verdictsSchema = z.record(
  z.string(),
  z.strictObject({
    kind: z.enum(['applied', 'removed', 'skipped', 'damaged']),
    reason: z.string().exactOptional(),
    epochAuthenticator: z.string().exactOptional(),
  }),
);
export type Verdicts = z.infer<typeof verdictsSchema>;

export function describeOutcome(outcome: CommitOutcome): Verdicts[string] {
  if (outcome.kind === 'applied') {
    const { epochAuthenticator } = viewGroup(outcome.session);
    return { kind: outcome.kind, epochAuthenticator: encodeBase64url(epochAuthenticator) };
  }
  return 'reason' in outcome ? { kind: outcome.kind, reason: outcome.reason } : { kind: outcome.kind };
}
