import { encodeBase64url, limits, listWelcomes } from '@wisp/protocol';
import { route, type Route } from '@wisp/service-kit';
import type { WelcomeStore } from '../domain/ports.js';

const PER_ANSWER = { count: 20, bytes: limits.welcomeBytes };

export function listWelcomesRoute({ welcomes }: { welcomes: WelcomeStore }): Route {
  return route(listWelcomes, async ({ caller: { user, device } }) => {
    const released = await welcomes.listFor({ user, device }, PER_ANSWER);
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
