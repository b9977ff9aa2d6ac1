export type { Bus, BusCounters, BusStatus, HandleOptions, RequestOptions, Subscription } from './bus.js';
export { BusError, type BusErrorCode } from './bus-error.js';
export { connectNats, type NatsOptions } from './connect-nats.js';
export { createBroker, type Broker, type BrokerOptions } from './in-process-broker.js';
