import type { GroupView } from '../types.js';
import type { GroupChange } from './compare-groups.js';
import type { JudgedCommit } from './judged-commit.js';
import type { Evidence } from './read-evidence.js';

/** All that the single rules look at. */
export interface Matter {
  readonly before: GroupView;
  readonly after: GroupView;
  readonly commit: JudgedCommit;
  readonly change: GroupChange;
  readonly evidence: Evidence;
}
