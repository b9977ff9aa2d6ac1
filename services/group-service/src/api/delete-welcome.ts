import { deleteWelcome } from '@wisp/protocol';
import { route, type Route } from '@wisp/service-kit';
import type { WelcomeStore } from '../domain/ports.js';

export function deleteWelcomeRoute({ welcomes }: { welcomes: WelcomeStore }): Route {
  return route(deleteWelcome, async ({ caller: { user, device }, params }) => {
    await welcomes.remove(params.welcome, { user, device });
    return undefined;
  });
}
