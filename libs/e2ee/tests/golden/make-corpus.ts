import { existsSync, writeFileSync } from 'node:fs';
import { recordDirect, recordSelf, recordSwap } from './scenes/direct-and-self.js';
import { recordEvidence } from './scenes/evidence.js';
import { recordFrames } from './scenes/frames.js';
import { recordGroup } from './scenes/group.js';
import { recordInfo } from './scenes/info.js';
import { recordRequests } from './scenes/requests.js';
import { recordRoles } from './scenes/roles.js';
import { recordState } from './scenes/state.js';

/*
 * `npx tsx libs/e2ee/tests/golden/make-corpus.ts` records the scenes that have no file yet. A file that is there stays: what
 * was judged once must be judged so for ever. A new rule gets a new scene, under a new policy number.
 */
const scenes = {
  group: recordGroup,
  frames: recordFrames,
  info: recordInfo,
  state: recordState,
  roles: recordRoles,
  evidence: recordEvidence,
  direct: recordDirect,
  self: recordSelf,
  requests: recordRequests,
  swap: recordSwap,
};

for (const [name, record] of Object.entries(scenes)) {
  const file = new URL(`corpus/${name}.json`, import.meta.url);
  if (existsSync(file)) continue;
  const scene = await record();
  writeFileSync(file, `${JSON.stringify(scene, null, 2)}\n`);
  process.stdout.write(`${name}: ${scene.commits.length} commits\n`);
}
