export {
  ConfigError,
  configTable,
  defineConfig,
  type ConfigDefinition,
  type ConfigOf,
  type Option,
  type OptionRow,
  type Options,
} from './config/define-config.js';
export { serviceSettings } from './config/service-settings.js';
export { settings } from './config/setting-schemas.js';
export { createLogger, type LogFields, type Logger, type LoggerOptions } from './logging/create-logger.js';
export {
  createMetrics,
  type HistogramOptions,
  type MetricOptions,
  type Metrics,
  type MetricsOptions,
} from './metrics/create-metrics.js';
export { observeBus } from './metrics/observe-bus.js';
export { createReadiness, type Readiness } from './lifecycle/create-readiness.js';
export { runService, type RunOptions, type RunningService } from './lifecycle/run-service.js';
export { createApi, type ApiOptions } from './http/create-api.js';
export { createApp, type AppOptions } from './http/create-app.js';
export { createHealthRoutes } from './http/create-health-routes.js';
export { listen, type HttpServer, type ListenOptions } from './http/listen.js';
export {
  refuse,
  route,
  type Call,
  type Caller,
  type CallerOf,
  type DeviceCaller,
  type Handler,
  type Outcome,
  type Refusal,
  type Route,
} from './http/route.js';
export { sendProblem } from './http/send-problem.js';
export {
  createRevocationList,
  revokes,
  type RevocationList,
  type RevocationListOptions,
} from './tokens/create-revocation-list.js';
export {
  createTokenVerifier,
  type TokenVerdict,
  type TokenVerifier,
  type TokenVerifierOptions,
} from './tokens/create-token-verifier.js';
export { jwksFromBus, jwksFromUrl, type Jwks, type JwksSource } from './tokens/signing-keys.js';
export {
  connectAdapterRedis,
  connectRedis,
  type AdapterRedis,
  type RedisOptions,
} from './redis/connect-redis.js';
export {
  createLimits,
  type Limit,
  type LimitOptions,
  type Limits,
  type Take,
} from './limits/create-limits.js';
export {
  createPool,
  poolConfig,
  type Pool,
  type PoolClient,
  type PoolOptions,
} from './postgres/create-pool.js';
export { runMigrations, type MigrationOptions } from './postgres/run-migrations.js';
export { NotDurableError, assertDurable } from './postgres/assert-durable.js';
export { classifyDatabaseError, type DatabaseErrorClass } from './postgres/classify-database-error.js';
export { bisect, type BatchOutcome } from './postgres/bisect.js';
