export { HandClock } from './hand-clock.js';
export { countMessages, lookForText } from './look-for-text.js';
export { openNetwork, type Network } from './network.js';
export { Person } from './person.js';
export { randomNumbers } from './random-numbers.js';
export { storm, type StormOptions, type StormReport } from './storm.js';
export { settle, tally, type Tally } from './tally.js';
export { openWorld, type World, type WorldOptions } from './world.js';
