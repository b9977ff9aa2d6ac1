import type { CommitInfo, DeviceId, ServerId, UserId } from '@wisp/protocol';
import type { CommitFacts } from './commit-matter.js';
import { readEvidence } from './evidence.js';
import type { Directory, RequestStore } from './ports.js';
import type { Caller, Projection } from './projection.js';

export interface FactPorts {
  readonly serverId: ServerId;
  readonly directory: Directory;
  readonly requests: RequestStore;
}

const KEY_PACKAGE_REF_BYTES = 48;

/** Asks auth-service and the stored requests what a commit is judged by; null while auth-service is away. */
export async function gatherFacts(
  { directory, requests, serverId }: FactPorts,
  { caller, info, projection }: { caller: Caller; info: CommitInfo; projection: Projection },
): Promise<CommitFacts | null> {
  const { conversation } = projection;
  const evidence = readEvidence(info.evidence, { serverId, conversationId: conversation });
  const repaired = [...(evidence?.repairs.keys() ?? [])];
  const users = new Set<UserId>([
    caller.user,
    ...info.adds.map(({ userId }) => userId),
    ...(evidence?.lists.keys() ?? []),
    ...(evidence?.leaves.keys() ?? []),
    ...(evidence?.joins.keys() ?? []),
    ...repaired.flatMap((device) => projection.devices.get(device) ?? []),
  ]);
  const packages = info.adds
    .filter(({ keyPackageRef }) => keyPackageRef.length === KEY_PACKAGE_REF_BYTES)
    .map(({ userId, deviceId, keyPackageRef }) => ({ user: userId, device: deviceId, ref: keyPackageRef }));
  const hasStatements = evidence !== null && evidence.leaves.size + evidence.joins.size + repaired.length > 0;
  const [lists, claimed, storedStatements] = await Promise.all([
    directory.readLists([...users]),
    packages.length > 0
      ? directory.readClaims(packages, { claimer: caller.user, conversation })
      : new Set<DeviceId>(),
    hasStatements ? requests.statementHashes(conversation) : new Set<string>(),
  ]);
  return lists === null || claimed === null ? null : { serverId, lists, claimed, storedStatements };
}
