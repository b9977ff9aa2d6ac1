export type { ClusterProcess } from './cluster/keep-running.js';
export { startCluster, type Cluster, type ClusterOptions } from './cluster/start-cluster.js';
export { startEmbedded, type Embedded, type EmbeddedOptions } from './embedded.js';
export { provisionDatabase, type DatabaseRole } from './provision.js';
export { makeSecrets, type LocalSecrets } from './secrets.js';
