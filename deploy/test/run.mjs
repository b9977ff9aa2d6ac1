// `npm test`: installs what is missing, builds what the end-to-end tests serve, runs every test, keeps the reports. The
// stories that everything else rests on run twice: in one process, and on a cluster.
import { jest, jestOnCluster, prepare } from './steps.mjs';

prepare();
const passed = [jest('jest'), jestOnCluster(['libs/test-world/tests/(two-people|stories|delivery)'])];
process.exit(passed.every(Boolean) ? 0 : 1);
