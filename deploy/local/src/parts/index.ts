export { startCaddy, type CaddyPart, type CaddyTargets, type StartCaddyOptions } from './caddy.js';
export {
  findFreePort,
  ProgramMissing,
  startPart,
  type Part,
  type StartPartOptions,
} from './child-process.js';
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
export { startPostgres, type LocalPostgres, type LocalPostgresSettings } from './postgres.js';
export { startRedis, type RedisPart } from './redis.js';
