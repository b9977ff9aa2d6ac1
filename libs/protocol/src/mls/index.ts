export * from './private-message-header.js';
export * from './read-authenticated-data.js';
