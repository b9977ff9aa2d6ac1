export { groupServiceConfig, type GroupServiceConfig } from './config.js';
export { createGroupService, type GroupService, type GroupServiceParts } from './service.js';
