import { encodeMlsMessage, type Commit, type UpdatePath } from 'ts-mls';
import { createContentCommitSignature } from 'ts-mls/framedContent.js';
import { protect } from 'ts-mls/messageProtection.js';
import { toLeafIndex } from 'ts-mls/treemath.js';
import { createUpdatePath } from 'ts-mls/updatePath.js';
import { loadSuite } from '../src/mls/suite.js';
import { openSession } from '../src/session/session-data.js';
import type { Session } from '../src/index.js';

/*
 * Commits that the library itself wouldn't make: the content is the test's, signed and encrypted as a member's. The
 * confirmation tag is made up, so that nothing of it may be applied.
 */

export async function craft(
  session: Session,
  { commit, authenticatedData }: { commit: Commit; authenticatedData: Uint8Array },
): Promise<Uint8Array> {
  const { mls } = openSession(session);
  const suite = await loadSuite();
  const { leafIndex } = mls.privatePath;
  const { signature, framedContent } = await createContentCommitSignature(
    mls.groupContext,
    'mls_private_message',
    commit,
    { senderType: 'member', leafIndex },
    authenticatedData,
    mls.signaturePrivateKey,
    suite.signature,
  );
  const sealed = await protect(
    mls.keySchedule.senderDataSecret,
    authenticatedData,
    mls.groupContext,
    mls.secretTree,
    { ...framedContent, auth: { contentType: 'commit', signature, confirmationTag: new Uint8Array(48) } },
    leafIndex,
    mls.clientConfig.paddingConfig,
    suite,
  );
  return encodeMlsMessage({
    version: 'mls10',
    wireformat: 'mls_private_message',
    privateMessage: sealed.privateMessage,
  });
}

/** An honest update path of an empty commit. */
export async function honestPath(session: Session): Promise<UpdatePath> {
  const { mls } = openSession(session);
  const [, path] = await createUpdatePath(
    mls.ratchetTree,
    toLeafIndex(mls.privatePath.leafIndex),
    mls.groupContext,
    mls.signaturePrivateKey,
    await loadSuite(),
  );
  return path;
}
