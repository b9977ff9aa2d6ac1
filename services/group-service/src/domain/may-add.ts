import type { ConversationId, UserId } from '@wisp/protocol';
import type { CommitStore, DeletedUsers } from './ports.js';
import { isMemberUser } from './projection.js';

export interface MayAddPorts {
  readonly commits: Pick<CommitStore, 'readProjection'>;
  readonly deletedUsers: DeletedUsers;
}

/** Whether KeyPackages of `target` may be claimed for this conversation; for an id that nobody has created they may. */
export async function mayAdd(
  { commits, deletedUsers }: MayAddPorts,
  { claimer, target, conversation }: { claimer: UserId; target: UserId; conversation: ConversationId },
): Promise<boolean> {
  if (await deletedUsers.includes(target)) return false;
  const projection = await commits.readProjection(conversation);
  if (projection === null) return true;
  if (!isMemberUser(projection, claimer)) return false;
  // In a group the settings say who may add people, and the server doesn't see them.
  return projection.kind === 'group' || projection.users.has(target);
}
