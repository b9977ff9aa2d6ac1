export { systemClock, type Clock } from './clock.js';
export { EngineError } from './engine-error.js';
export * from './face.js';
