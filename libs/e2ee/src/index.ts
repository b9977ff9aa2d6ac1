export type * from './session/reasons.js';
export type * from './session/types.js';
export { SUITE } from './mls/suite.js';
export { admitWelcome } from './session/admit-welcome.js';
export { beginConversation } from './session/begin-conversation.js';
export { buildCommit } from './session/build-commit.js';
export { checkKeyPackage, type CheckKeyPackageInput } from './session/check-key-package.js';
export { createKeyPackage, type CreateKeyPackageInput } from './session/create-key-package.js';
export { decodeSession, encodeSession } from './session/encode-session.js';
export { judge, type Verdict } from './session/judge/judge.js';
export type { FilledLeaf, JudgedCommit } from './session/judge/judged-commit.js';
export { mayAdd, mayDelete, mayEdit, mayPost, roleOf } from './session/judge/roles.js';
export { openCommit } from './session/open-commit.js';
export { openMessage } from './session/open-message.js';
export { forgetPastEpochs } from './session/past-epochs.js';
export {
  adoptPending,
  decodePendingCommit,
  encodePendingCommit,
  type Adoption,
} from './session/pending-commit.js';
export { readWelcome, welcomeRefs, type ReadWelcomeInput } from './session/read-welcome.js';
export { sealMessage, type SealInput } from './session/seal-message.js';
export { viewGroup } from './session/view-group.js';
export * from './identity/index.js';
export * from './safety-number/index.js';
export * from './store-seal/index.js';
export * from './vault/index.js';
