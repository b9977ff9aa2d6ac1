export { HandClock } from './hand-clock.js';
export { openNetwork, type Network } from './network.js';
export { Person } from './person.js';
export { openWorld, type World } from './world.js';
