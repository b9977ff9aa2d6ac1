import { userIdToBytes, type DeviceId, type Seq } from '@wisp/protocol';
import type { Departure } from '../domain/leave-conversation.js';
import type { EndedMemberships } from '../domain/log.js';
import type { Pools } from './pools.js';

/** Under the conversation's lock, like whatever else is written there. */
export async function leaveConversation(
  { pools }: { readonly pools: Pools },
  { conversation, user, newestCommitSeq }: Departure,
): Promise<EndedMemberships> {
  const { rows } = await pools.read.query<{ device_id: DeviceId; newest_commit_seq: Seq; timeline: number }>({
    name: 'leave_conversation_v1',
    text: 'SELECT * FROM messages.leave_conversation_v1($1, $2, $3)',
    values: [conversation, Buffer.from(userIdToBytes(user)), newestCommitSeq],
  });
  const [first] = rows;
  if (first === undefined) return { timeline: pools.timeline(), conversations: [] };
  const devices = rows.map((row) => row.device_id);
  const ended = { conversation, newestCommitSeq: first.newest_commit_seq, devices };
  return { timeline: first.timeline, conversations: [ended] };
}
