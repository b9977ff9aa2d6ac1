import type { UserId } from '@wisp/protocol';
import type { ConversationReader, DeletedUsers, Directory, Notices } from './ports.js';

export interface AnnouncePorts {
  readonly reader: ConversationReader;
  readonly directory: Directory;
  readonly notices: Notices;
  readonly deletedUsers: DeletedUsers;
}

/** A user's list has moved: tells everybody who shares a conversation, and where its group lacks or outlives devices. */
export async function announceDeviceList(ports: AnnouncePorts, user: UserId): Promise<void> {
  const { reader, directory, notices } = ports;
  const memberships = await reader.listMemberships(user);
  notices.devicesChanged(user, audienceOf(user, memberships));
  const list = (await directory.readLists([user]))?.get(user);
  // What can't be looked up now is found by the engines, which compare at every start.
  if (list === undefined) return;
  for (const { conversation, users, ownDevices } of memberships) {
    const isCurrent =
      ownDevices.length === list.devices.size && ownDevices.every((device) => list.devices.has(device));
    if (!isCurrent) notices.deviceMissing(user, { conversation, audience: users });
  }
}

/** An account is gone: message-service ends its memberships, peers are told to look. */
export async function announceDeletion(
  ports: AnnouncePorts,
  { user, at }: { user: UserId; at: number },
): Promise<void> {
  await ports.deletedUsers.mark(user, at);
  const memberships = await ports.reader.listMemberships(user);
  ports.notices.devicesChanged(user, audienceOf(user, memberships));
}

function audienceOf(user: UserId, memberships: readonly { users: readonly UserId[] }[]): UserId[] {
  return [...new Set([user, ...memberships.flatMap(({ users }) => users)])];
}
