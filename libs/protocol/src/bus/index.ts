export * from './auth.js';
export * from './groups.js';
export * from './messages.js';
export * from './subject.js';
export * from './subjects.js';
