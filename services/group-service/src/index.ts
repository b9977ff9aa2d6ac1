export { describeConfig, loadConfig, type Config } from './config.js';
export { createGroupService, type GroupService, type GroupServiceParts } from './service.js';
