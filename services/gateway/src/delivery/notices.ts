import {
  deviceMissingFrame,
  devicesFrame,
  requestsFrame,
  unreachable,
  welcomeFrame,
  type Notice,
} from '@wisp/protocol';
import type { Server } from 'socket.io';
import { userRoom } from '../socket/ephemeral.js';
import type { Outlet } from './deliver.js';

/** Doorbells to devices and users that are connected here; a lost one costs nothing but time. */
export function giveNotice({ emit, io }: Pick<Outlet, 'emit'> & { io: Server }, notice: Notice): void {
  switch (notice.kind) {
    case 'welcome':
      return emit(notice.devices, welcomeFrame, { conversation: notice.conversation });
    case 'devices':
      return void io.local.to(notice.audience.map(userRoom)).emit(devicesFrame.event, { user: notice.user });
    case 'device-missing':
      return void io.local
        .to(notice.audience.map(userRoom))
        .emit(deviceMissingFrame.event, { conversation: notice.conversation, user: notice.user });
    case 'requests':
      return void io.local
        .to(notice.audience.map(userRoom))
        .emit(requestsFrame.event, { conversation: notice.conversation });
    default:
      return unreachable(notice);
  }
}
