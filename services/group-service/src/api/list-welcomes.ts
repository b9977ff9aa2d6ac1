import { encodeBase64url, limits, listWelcomes } from '@wisp/protocol';
import { refuse, route, type Route } from '@wisp/service-kit';
import { listWelcomes as listBacked, type WelcomePorts } from '../domain/list-welcomes.js';

const PER_ANSWER = { count: 20, bytes: limits.welcomeBytes };
const RETRY_SECONDS = 1;

export function listWelcomesRoute(ports: WelcomePorts): Route {
  return route(listWelcomes, async ({ caller: { user, device } }) => {
    const released = await listBacked(ports, { user, device }, PER_ANSWER);
    if (released === null) return refuse('unavailable', { retryAfter: RETRY_SECONDS });
    return {
      welcomes: released.map(({ id, conversation, commitId, seq, hash, welcome, from }) => ({
        id,
        conversation,
        commitId,
        seq,
        hash: encodeBase64url(hash),
        welcome: encodeBase64url(welcome),
        from: { userId: from.user, deviceId: from.device },
      })),
    };
  });
}
