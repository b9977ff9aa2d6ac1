export * from './safety-code.js';
export * from './safety-number.js';
