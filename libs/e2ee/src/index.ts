export type * from './session/reasons.js';
export type * from './session/types.js';
export * from './identity/index.js';
