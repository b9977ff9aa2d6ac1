import * as accounts from './accounts.js';
import * as conversations from './conversations.js';
import * as devices from './devices.js';
import * as messages from './messages.js';
import type { HttpOperation } from './operation.js';

export * from './accounts.js';
export * from './conversations.js';
export * from './devices.js';
export * from './messages.js';
export * from './operation.js';

function isOperation(value: unknown): value is HttpOperation {
  return typeof value === 'object' && value !== null && 'method' in value && 'path' in value;
}

/** Every operation, for documents, tests and the protocol's fingerprint. */
export const httpOperations: readonly HttpOperation[] = [accounts, devices, conversations, messages].flatMap(
  (module) => Object.values<unknown>(module).filter(isOperation),
);
