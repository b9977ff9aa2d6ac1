export * from './commit-info.js';
export * from './conversation-state.js';
export * from './device-certificate.js';
export * from './device-list.js';
export * from './join-request.js';
export * from './leave-request.js';
export * from './members.js';
export * from './message-body.js';
export {
  MAX_EXCERPT_CHARACTERS,
  MAX_TEXT_CHARACTERS,
  type EditContent,
  type EmptyContent,
  type FileContent,
  type MessageTarget,
  type ProfileContent,
  type Quote,
  type ReactionContent,
  type ReadMarkContent,
  type TextContent,
} from './message-content.js';
export * from './message-header.js';
export { MAX_BODY_BYTES, PADDING_BUCKETS } from './padding.js';
export { userIdOrder, type IdentityKey, type LogHead, type StateTimer, type TimerMode } from './parts.js';
export * from './profile.js';
export * from './refusal.js';
export { repairRequest, type RepairReason, type RepairRequest } from './repair-request.js';
export { MAX_STATEMENT_BYTES, statement, type Statement, type StatementType } from './statement.js';
export { equalBytes, type Structure } from './structure.js';
export * from './vault.js';
