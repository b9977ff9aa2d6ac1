import { leaveConversation, requestRepair, requestToJoin, unreachable } from '@wisp/protocol';
import { refuse, route, type Call, type Limit, type Refusal, type Route } from '@wisp/service-kit';
import type { RequestKind } from '../domain/ports.js';
import { storeRequest, type RequestPorts } from '../domain/store-request.js';
import { decodeField } from './decode-field.js';

export interface RequestRouteParts {
  readonly ports: RequestPorts;
  /** Requests of one account, whatever becomes of them. */
  readonly perAccount: Limit;
  /** Of one account to join one conversation, whether there is one or not: the answer mustn't tell. */
  readonly joins: Limit;
}

type RequestOperation = typeof leaveConversation | typeof requestRepair | typeof requestToJoin;
type RequestProblem = 'malformed' | 'forbidden' | 'commit-refused' | 'rate-limited' | 'unavailable';

/** Leave, repair and join requests differ in what their statement says, not in how they are taken. */
export function storeRequestRoutes(parts: RequestRouteParts): Route[] {
  return [
    route(leaveConversation, (call) => takeRequest(parts, { call, kind: 'leave' })),
    route(requestRepair, (call) => takeRequest(parts, { call, kind: 'repair' })),
    route(requestToJoin, (call) => takeRequest(parts, { call, kind: 'join' })),
  ];
}

async function takeRequest(
  { ports, perAccount, joins }: RequestRouteParts,
  { call, kind }: { call: Call<RequestOperation>; kind: RequestKind },
): Promise<undefined | Refusal<RequestProblem>> {
  const { user, device } = call.caller;
  const taken = await perAccount.take(user);
  if (!taken.ok) return refuse('rate-limited', { retryAfter: Math.ceil(taken.retryAfterMs / 1_000) });
  const statement = decodeField(call.body.statement, 'statement');
  if ('refused' in statement) return statement;
  const asked = kind === 'join' ? await joins.take(`${user} ${call.params.id}`) : taken;
  if (!asked.ok) return refuse('rate-limited', { retryAfter: Math.ceil(asked.retryAfterMs / 1_000) });
  const outcome = await storeRequest(ports, {
    kind,
    caller: { user, device },
    conversation: call.params.id,
    statement,
  });
  switch (outcome.kind) {
    case 'stored':
      return undefined;
    case 'forbidden':
      return refuse('forbidden');
    case 'refused':
      return refuse('commit-refused', { reason: outcome.reason });
    case 'rate-limited':
      return refuse('rate-limited', { retryAfter: outcome.retryAfter });
    case 'unavailable':
      return refuse('unavailable', { retryAfter: 1 });
    default:
      return unreachable(outcome);
  }
}
