import { equalBytes, type DeviceId, type RepairRequest, type RosterEntry } from '@wisp/protocol';
import type { JudgeRefusal } from '../reasons.js';
import type { Leaf, ListedDevices } from '../types.js';
import type { Matter } from './matter.js';
import { rosterEntry } from './roles.js';

/** Devices come and go with evidence, and then anybody may commit them (protocol §4). */
export function judgeDevices(matter: Matter): JudgeRefusal | null {
  const { after, change, evidence } = matter;
  const repaired = new Set<DeviceId>();
  for (const request of evidence.repairs.values()) {
    if (!isRepair(matter, request)) return 'repair-evidence';
    repaired.add(request.deviceId);
  }
  const touched = (leaf: Leaf): boolean => !repaired.has(leaf.deviceId);
  const added = change.added.map(({ leaf }) => leaf).filter(touched);
  const removed = change.removed.filter(touched);
  for (const now of after.state.roster) {
    const reason = judgeUser(matter, {
      now,
      added: added.filter((leaf) => leaf.userId === now.userId),
      removed: removed.filter((leaf) => leaf.userId === now.userId),
    });
    if (reason !== null) return reason;
  }
  const listed = [...evidence.lists.keys()];
  return listed.some((userId) => rosterEntry(after.state, userId) === undefined) ? 'evidence-unused' : null;
}

interface UserDevices {
  /** The user's entry after the commit. */
  readonly now: RosterEntry;
  readonly added: readonly Leaf[];
  readonly removed: readonly Leaf[];
}

function judgeUser(matter: Matter, { now, added, removed }: UserDevices): JudgeRefusal | null {
  const { userId } = now;
  const was = rosterEntry(matter.before.state, userId);
  const list = matter.evidence.lists.get(userId);
  if (list === undefined) {
    if (was === undefined || added.length + removed.length > 0) return 'device-evidence';
    return was.listVersion === now.listVersion && equalBytes(was.listHash, now.listHash)
      ? null
      : 'device-list-version';
  }
  if (now.listVersion !== list.version || !equalBytes(now.listHash, list.hash)) return 'device-list-version';
  if (was !== undefined) {
    // Of the whole statement, so the version is the same too.
    const same = equalBytes(list.hash, was.listHash);
    if (!same && list.version <= was.listVersion) return 'device-list-version';
    if (same && added.length + removed.length === 0) return 'evidence-unused';
  }
  if (added.some((leaf) => !lists(list, leaf))) return 'device-unlisted';
  if (removed.some((leaf) => lists(list, leaf))) return 'device-evidence';
  const standing = matter.after.leaves.filter((leaf) => leaf.userId === userId);
  return standing.every((leaf) => lists(list, leaf)) ? null : 'device-left-behind';
}

/** Whether the list has this very device, key included. */
export function lists(list: Pick<ListedDevices, 'devices'>, leaf: Leaf): boolean {
  return list.devices.some(
    (device) => device.deviceId === leaf.deviceId && equalBytes(device.signatureKey, leaf.signatureKey),
  );
}

/** A RepairRequest takes out the leaf that it names and puts the same device back with the KeyPackage in it. */
function isRepair({ before, change }: Matter, request: RepairRequest): boolean {
  const gone = change.removed.find((leaf) => leaf.deviceId === request.deviceId);
  const back = change.added.find(({ leaf }) => leaf.deviceId === request.deviceId);
  if (gone === undefined || back === undefined) return false;
  return (
    equalBytes(request.groupId, before.groupId) &&
    equalBytes(request.leafHash, gone.hash) &&
    equalBytes(request.keyPackage, back.keyPackage) &&
    gone.userId === back.leaf.userId &&
    equalBytes(gone.signatureKey, back.leaf.signatureKey)
  );
}
