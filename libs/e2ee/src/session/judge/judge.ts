import type { JudgeRefusal } from '../reasons.js';
import type { GroupView } from '../types.js';
import { compareGroups } from './compare-groups.js';
import { judgeDevices } from './judge-devices.js';
import { judgeInfo } from './judge-info.js';
import { judgePeople } from './judge-people.js';
import { judgeState } from './judge-state.js';
import type { JudgedCommit } from './judged-commit.js';
import type { Matter } from './matter.js';
import { readEvidence } from './read-evidence.js';

export type Verdict =
  { readonly kind: 'valid' } | { readonly kind: 'refused'; readonly reason: JudgeRefusal };

/**
 * Whether a commit that MLS accepts keeps the rules of protocol §3 and §4. A pure function of its arguments: no clock,
 * network, pin or setting, so that honest engines never part. Both trees are compared leaf by leaf; nothing that
 * CommitInfo says is believed.
 */
export async function judge(before: GroupView, commit: JudgedCommit, after: GroupView): Promise<Verdict> {
  const compared = compareGroups(before, commit, after);
  if (compared.kind === 'refused') return compared;
  const reading = await readEvidence(before, commit);
  if (reading.kind === 'refused') return reading;
  const matter: Matter = { before, after, commit, change: compared.change, evidence: reading.evidence };
  const reason = judgeState(matter) ?? judgeInfo(matter) ?? judgePeople(matter) ?? judgeDevices(matter);
  return reason === null ? { kind: 'valid' } : { kind: 'refused', reason };
}
