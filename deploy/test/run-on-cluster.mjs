// `npm run test:cluster`: the world tests on a cluster. Words after `--` choose among them: `-- stories`. Without any:
// all but those that say raw bytes to the services themselves, which a load balancer in front answers its own way.
import { jestOnCluster, prepare } from './steps.mjs';

prepare();
const chosen = process.argv.slice(2).map((word) => `libs/test-world/tests/.*${word}`);
const all = ['libs/test-world/tests', '--testPathIgnorePatterns', 'bad-input'];
process.exit(jestOnCluster(chosen.length > 0 ? chosen : all) ? 0 : 1);
