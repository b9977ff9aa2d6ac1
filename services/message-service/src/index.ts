export { describeConfig, loadConfig, loadServiceConfig, type Config, type ServiceConfig } from './config.js';
export { createMessageService, type MessageService, type MessageServiceParts } from './message-service.js';
export { startService } from './service.js';
