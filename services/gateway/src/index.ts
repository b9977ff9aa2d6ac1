export { describeConfig, loadConfig, type GatewayConfig } from './config.js';
export { createGateway, type Gateway, type GatewayParts } from './service.js';
