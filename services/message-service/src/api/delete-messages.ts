import { deleteMessages as operation } from '@wisp/protocol';
import { refuse, route, type Limit, type Route } from '@wisp/service-kit';
import { deleteMessages, type DeletionPorts } from '../domain/delete-messages.js';
import { overLimit } from './account-limit.js';

export function deleteMessagesRoute({ limit, ...ports }: DeletionPorts & { readonly limit: Limit }): Route {
  return route(operation, async ({ caller, params, body }) => {
    const over = await overLimit(limit, caller.user);
    if (over) return over;
    const { conversation } = params;
    const outcome = await deleteMessages(ports, caller, { conversation, seqs: body.seqs });
    return outcome.kind === 'deleted' ? { deleted: [...outcome.deleted] } : refuse('forbidden');
  });
}
