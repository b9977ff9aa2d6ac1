export { findFreePort, startPart, type Part, type StartPartOptions } from './child-process.js';
export {
  makeNatsPasswords,
  natsConfig,
  natsEnvironment,
  natsUsers,
  startNats,
  type NatsPart,
  type NatsPasswords,
  type NatsUser,
  type StartNatsOptions,
} from './nats.js';
export { startRedis, type RedisPart } from './redis.js';
