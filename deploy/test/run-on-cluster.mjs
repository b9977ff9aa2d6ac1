// `npm run test:cluster`: every world test on a cluster. Words after `--` choose among them: `-- stories`.
import { jestOnCluster, prepare } from './steps.mjs';

prepare();
const chosen = process.argv.slice(2);
const paths =
  chosen.length === 0 ? ['libs/test-world/tests'] : chosen.map((word) => `libs/test-world/tests/.*${word}`);
process.exit(jestOnCluster(paths) ? 0 : 1);
