export * from './client-frames.js';
export * from './frame.js';
export * from './server-frames.js';
