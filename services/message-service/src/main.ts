import { createLogger, runService } from '@wisp/service-kit';
import { loadConfig } from './config.js';
import { startService } from './service.js';

const config = loadConfig(process.env);
const logger = createLogger({ service: 'message-service', level: config.logLevel });
await runService({ logger, start: () => startService({ config, logger }) });
