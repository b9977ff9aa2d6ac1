import { conversationKind, deviceId, role, seq, userIdFromBytes, type ConversationId } from '@wisp/protocol';
import type { Projection } from '../domain/projection.js';
import type { Database } from './connect-database.js';

/** One statement, one snapshot: roster, devices and place in the log belong together. */
export async function readProjection(
  database: Database,
  conversation: ConversationId,
): Promise<Projection | null> {
  const [row] = await database.$queryRaw<ProjectionRow[]>`
    SELECT c.kind, c.incarnation, c.newest_commit_seq AS "newestCommitSeq",
      coalesce((SELECT jsonb_agg(jsonb_build_object('user', encode(r.user_id, 'hex'), 'role', r.role,
          'listVersion', r.list_version, 'hasLeft', r.left_at IS NOT NULL) ORDER BY r.user_id)
        FROM groups.roster r WHERE r.conversation_id = c.conversation_id), '[]') AS roster,
      coalesce((SELECT jsonb_agg(jsonb_build_object('device', d.device_id, 'user', encode(d.user_id, 'hex'),
          'isMember', d.is_member) ORDER BY d.device_id)
        FROM groups.devices d WHERE d.conversation_id = c.conversation_id), '[]') AS devices
    FROM groups.conversations c WHERE c.conversation_id = ${conversation}::uuid AND c.incarnation > 0`;
  if (row === undefined) return null;
  const owners = row.devices.map((each) => ({
    device: deviceId.parse(each.device),
    user: fromHex(each.user),
    isMember: each.isMember,
  }));
  const devicesThat = (isMember: boolean) =>
    new Map(owners.filter((each) => each.isMember === isMember).map(({ device, user }) => [device, user]));
  return {
    conversation,
    kind: conversationKind.parse(row.kind),
    incarnation: row.incarnation,
    newestCommitSeq: seq.parse(Number(row.newestCommitSeq)),
    users: new Map(
      row.roster.map((each) => [
        fromHex(each.user),
        { role: role.parse(each.role), listVersion: each.listVersion, hasLeft: each.hasLeft },
      ]),
    ),
    devices: devicesThat(true),
    departed: devicesThat(false),
  };
}

interface ProjectionRow {
  kind: string;
  incarnation: number;
  newestCommitSeq: bigint;
  roster: { user: string; role: number; listVersion: number; hasLeft: boolean }[];
  devices: { device: string; user: string; isMember: boolean }[];
}

function fromHex(hex: string) {
  return userIdFromBytes(Buffer.from(hex, 'hex'));
}
