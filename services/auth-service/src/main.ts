import { createLogger, runService } from '@wisp/service-kit';
import { loadConfig } from './config.js';
import { startAuthService } from './service.js';

const config = loadConfig(process.env);
const logger = createLogger({ service: 'auth-service', level: config.logLevel });
await runService({ logger, start: () => startAuthService({ config, logger }) });
