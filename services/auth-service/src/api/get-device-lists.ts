import { encodeBase64url, getDeviceLists } from '@wisp/protocol';
import { refuse, route, type Route } from '@wisp/service-kit';
import type { DeviceLists } from '../domain/account.js';
import { trustStoredList } from '../domain/device-list.js';

/** Of 8 KiB each; `newest` tells whether to ask for more. */
const LISTS_PER_ANSWER = 100;

export function getDeviceListsRoute({ deviceLists }: { deviceLists: DeviceLists }): Route {
  return route(getDeviceLists, async ({ params, query }) => {
    const newest = await deviceLists.newest(params.id);
    if (newest === null) return refuse('not-found');
    const range = { version: query.after, limit: LISTS_PER_ANSWER };
    const { version } = trustStoredList(newest.statement).list;
    // A version beyond what a list can have is beyond what a column can hold.
    const lists = query.after < version ? await deviceLists.after(params.id, range) : [];
    return {
      userId: params.id,
      deleted: newest.deleted,
      newest: version,
      deviceLists: lists.map(encodeBase64url),
    };
  });
}
