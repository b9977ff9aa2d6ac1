export { echo } from './echo-bot.js';
export { enter } from './enter.js';
