export { startEmbedded, type Embedded, type EmbeddedOptions } from './embedded.js';
export { provisionDatabase, type DatabaseRole } from './provision.js';
export { makeSecrets, type LocalSecrets } from './secrets.js';
