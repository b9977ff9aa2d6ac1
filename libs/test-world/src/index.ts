export { HandClock } from './hand-clock.js';
export { countMessages, lookForText } from './look-for-text.js';
export { openNetwork, type Network } from './network.js';
export { Person } from './person.js';
export { storm, type StormOptions, type StormReport } from './storm.js';
export { openWorld, type World } from './world.js';
