import type { DeviceId, UserId } from '@wisp/protocol';
import type { CommitMatter } from './commit-matter.js';
import type { CommitRefusal } from './commit-refusal.js';
import { isSignedByDevice, type SignedEvidence } from './evidence.js';

/** Devices come and go with evidence, and then anybody may commit them (protocol §4). */
export function checkDevices(matter: CommitMatter): CommitRefusal | null {
  return checkStatements(matter) ?? checkLists(matter) ?? checkAdds(matter) ?? checkRemoves(matter);
}

/** Leave, repair and join requests: each signed, and each about something that the commit does. */
function checkStatements(matter: CommitMatter): CommitRefusal | null {
  const { evidence, before, after, info } = matter;
  const keysOf = (user: UserId) => matter.context.facts.lists.get(user)?.devices.values() ?? [];
  for (const [user, leave] of evidence.leaves) {
    if (!before.users.has(user) || after.users.has(user)) return 'leave-evidence';
    if (!isVerified(matter, leave, keysOf(user))) return 'evidence-signature';
  }
  for (const [user, join] of evidence.joins) {
    if (before.users.has(user) || !after.users.has(user)) return 'join-evidence';
    if (!isVerified(matter, join, keysOf(user))) return 'evidence-signature';
  }
  for (const [device, repair] of evidence.repairs) {
    const user = before.devices.get(device);
    const isOut = info.removes.some(({ deviceId }) => deviceId === device);
    const isBack = info.adds.some(({ deviceId }) => deviceId === device);
    if (user === undefined || !isOut || !isBack) return 'repair-evidence';
    const key = matter.context.facts.lists.get(user)?.devices.get(device);
    if (key === undefined) return 'device-unlisted';
    if (!isVerified(matter, repair, [key])) return 'evidence-signature';
  }
  return null;
}

function isVerified(
  { context }: CommitMatter,
  signed: SignedEvidence<unknown>,
  keys: Iterable<Uint8Array>,
): boolean {
  return context.facts.storedStatements.has(signed.hash) || isSignedByDevice(signed.statement, keys);
}

/** A device list has to be the user's newest, and no older than one that a commit named before. */
function checkLists({ evidence, projection, after, context }: CommitMatter): CommitRefusal | null {
  for (const [user, list] of evidence.lists) {
    if (!after.users.has(user)) return 'evidence-unused';
    const current = context.facts.lists.get(user);
    if (current?.deleted === true) return 'user-deleted';
    // auth-service's word takes the place of the signature: it verified this very statement when it was published.
    if (current?.version !== list.version || current.hash !== list.hash) return 'device-list-version';
    if (list.version < (projection.users.get(user)?.listVersion ?? 0)) return 'device-list-version';
    for (const [device, owner] of after.devices) {
      if (owner === user && !list.devices.has(device)) return 'device-left-behind';
    }
  }
  return null;
}

function checkAdds(matter: CommitMatter): CommitRefusal | null {
  const { info, before, after, evidence, context } = matter;
  const { caller, facts } = context;
  for (const { userId, deviceId, keyPackageRef } of info.adds) {
    if (keyPackageRef.length !== KEY_PACKAGE_REF_BYTES) return 'info-adds';
    // Whoever has left is to be put out first: no device of theirs is served any more.
    if (matter.projection.users.get(userId)?.hasLeft === true) return 'leave-evidence';
    if (evidence.repairs.has(deviceId)) continue;
    if (before.devices.has(deviceId)) return 'repair-evidence';
    const list = evidence.lists.get(userId);
    if (list === undefined) return 'device-evidence';
    if (!list.devices.has(deviceId)) return 'device-unlisted';
    if (!facts.claimed.has(deviceId)) return 'key-package-unclaimed';
  }
  for (const user of after.users.keys()) {
    const isNew = !before.users.has(user);
    if (isNew && !evidence.lists.has(user)) return 'device-evidence';
    if (isNew && !hasDevice(after.devices, user)) return 'user-without-device';
  }
  // A new group's first leaf is the caller's own: no Add names it, so its place in the list is looked up here.
  if (context.opens !== undefined && facts.lists.get(caller.user)?.devices.has(caller.device) !== true)
    return 'device-unlisted';
  if (info.adds.length > 0 !== context.hasWelcome) {
    return context.hasWelcome ? 'welcome-unexpected' : 'welcome-missing';
  }
  return null;
}

/** RefHash of the suite's SHA-384 (RFC 9420 §5.2). */
const KEY_PACKAGE_REF_BYTES = 48;

function checkRemoves({ info, after, evidence }: CommitMatter): CommitRefusal | null {
  for (const { userId, deviceId } of info.removes) {
    if (!after.users.has(userId) || evidence.repairs.has(deviceId)) continue;
    const list = evidence.lists.get(userId);
    if (list === undefined || list.devices.has(deviceId)) return 'device-evidence';
  }
  return null;
}

function hasDevice(devices: ReadonlyMap<DeviceId, UserId>, user: UserId): boolean {
  return [...devices.values()].includes(user);
}
