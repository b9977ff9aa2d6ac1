export type * from './session/reasons.js';
export type * from './session/types.js';
export * from './identity/index.js';
export * from './safety-number/index.js';
export * from './store-seal/index.js';
export * from './vault/index.js';
