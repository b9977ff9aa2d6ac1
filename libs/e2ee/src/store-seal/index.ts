export * from './store-seal.js';
