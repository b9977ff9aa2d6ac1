import { z } from 'zod';
import { decodeBase64url, encodeBase64url } from '@wisp/protocol';
import {
  decodeSession,
  encodeSession,
  openCommit,
  viewGroup,
  type CommitOutcome,
  type Session,
} from '../../src/index.js';
import { NOW, seq } from '../people.js';

const verdict = z.strictObject({
  kind: z.enum(['applied', 'removed', 'skipped', 'damaged']),
  reason: z.string().exactOptional(),
  epochAuthenticator: z.string().exactOptional(),
});
export type Verdict = z.infer<typeof verdict>;

/**
 * Commits against one stored session, each with the verdict that every version has to reach, and with what the observer
 * derives of the next epoch where there is one. Bytes as base64url; CommitInfo stands in a commit's authenticated data.
 */
export const scene = z.strictObject({
  observer: z.strictObject({ tree: z.string(), rest: z.string() }),
  newestCommitSeq: z.int(),
  commits: z.array(z.strictObject({ name: z.string(), verdict, bytes: z.string() })),
});
export type Scene = z.infer<typeof scene>;

/** Asks the observer of a scene about one of its commits. */
export async function replay(
  { observer, newestCommitSeq }: Pick<Scene, 'observer' | 'newestCommitSeq'>,
  bytes: string,
): Promise<Verdict> {
  const session = decodeSession({
    tree: decodeBase64url(observer.tree),
    rest: decodeBase64url(observer.rest),
  });
  const entry = { seq: seq(9), acceptedAt: NOW, newestCommitSeq: seq(newestCommitSeq) };
  return describe(await openCommit(session, decodeBase64url(bytes), entry));
}

export function storeObserver(session: Session): Scene['observer'] {
  const { tree, rest } = encodeSession(session);
  return { tree: encodeBase64url(tree), rest: encodeBase64url(rest) };
}

function describe(outcome: CommitOutcome): Verdict {
  if (outcome.kind === 'applied') {
    const { epochAuthenticator } = viewGroup(outcome.session);
    return { kind: outcome.kind, epochAuthenticator: encodeBase64url(epochAuthenticator) };
  }
  return 'reason' in outcome ? { kind: outcome.kind, reason: outcome.reason } : { kind: outcome.kind };
}
