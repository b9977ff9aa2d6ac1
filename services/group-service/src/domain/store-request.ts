import {
  CborRefusal,
  joinRequest,
  leaveRequest,
  repairRequest,
  statement,
  unreachable,
  type ConversationId,
  type ServerId,
  type Statement,
  type StatementType,
} from '@wisp/protocol';
import type { CommitRefusal } from './commit-refusal.js';
import { ADMIN } from './commit-matter.js';
import { isOfPlace, isSignedByDevice } from './evidence.js';
import { finishDeparture, type DeparturePorts } from './finish-departure.js';
import type { CommitStore, Directory, Notices, RequestKind, RequestStore } from './ports.js';
import { isMemberDevice, isMemberUser, type Caller, type Projection } from './projection.js';

export interface RequestPorts extends DeparturePorts {
  readonly serverId: ServerId;
  readonly commits: Pick<CommitStore, 'readProjection'>;
  readonly requests: RequestStore;
  readonly directory: Directory;
  readonly notices: Notices;
}

export interface RequestInput {
  readonly kind: RequestKind;
  readonly caller: Caller;
  readonly conversation: ConversationId;
  readonly statement: Uint8Array;
}

export type RequestOutcome =
  | { readonly kind: 'stored' }
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'refused'; readonly reason: CommitRefusal }
  | { readonly kind: 'rate-limited'; readonly retryAfter: number }
  | { readonly kind: 'unavailable' };

/** A device asks for repair at most once in ten minutes (protocol §4). */
const REPAIR_EVERY_SECONDS = 600;
const types = { leave: 'leave-request', repair: 'repair-request', join: 'join-request' } as const;

/** Keeps a signed leave, repair or join request until a member commits it, and rings those who may. */
export async function storeRequest(ports: RequestPorts, input: RequestInput): Promise<RequestOutcome> {
  const { kind, caller, conversation } = input;
  const projection = await ports.commits.readProjection(conversation);
  if (kind !== 'join' && !(projection && isHere(projection, input))) return { kind: 'forbidden' };
  const signed = readStatement(input.statement, types[kind]);
  if (signed === null || !isAbout(signed, input, ports.serverId))
    return { kind: 'refused', reason: 'evidence-malformed' };
  const lists = await ports.directory.readLists([caller.user]);
  if (lists === null) return { kind: 'unavailable' };
  const key = lists.get(caller.user)?.devices.get(caller.device);
  if (key === undefined) return { kind: 'refused', reason: 'device-unlisted' };
  if (!isSignedByDevice(signed, [key])) return { kind: 'refused', reason: 'evidence-signature' };

  // Only now, and with the answer of success: a stranger learns neither whether it exists nor what it is.
  if (projection === null) return { kind: 'stored' };
  if (kind === 'join') {
    if (projection.kind !== 'group') return { kind: 'stored' };
    if (isMemberUser(projection, caller.user)) return { kind: 'refused', reason: 'join-evidence' };
  }
  if (kind === 'leave' && projection.kind !== 'group')
    return { kind: 'refused', reason: peopleRule(projection) };
  const put = await ports.requests.put(
    { conversation, kind, caller, statement: input.statement },
    { everySeconds: kind === 'repair' ? REPAIR_EVERY_SECONDS : 0 },
  );
  if (put.kind === 'too-soon') return { kind: 'rate-limited', retryAfter: put.retryAfter };
  ports.notices.requestsStored(conversation, audienceOf(projection, input));
  // Stored and rung it is; until the log knows, the answer has to be in doubt.
  const isTold = kind !== 'leave' || (await finishDeparture(ports, { conversation, user: caller.user }));
  return { kind: isTold ? 'stored' : 'unavailable' };
}

/** Whoever has left may say so again: the first answer may have been lost. */
function isHere(projection: Projection, { kind, caller }: RequestInput): boolean {
  if (kind === 'leave') return projection.users.has(caller.user);
  return isMemberDevice(projection, caller);
}

function peopleRule({ kind }: Projection): CommitRefusal {
  return kind === 'self' ? 'self-people' : 'direct-people';
}

function readStatement(bytes: Uint8Array, type: StatementType): Statement | null {
  try {
    const signed = statement.decode(bytes);
    return signed.type === type ? signed : null;
  } catch (error) {
    if (error instanceof CborRefusal) return null;
    throw error;
  }
}

function isAbout(signed: Statement, input: RequestInput, serverId: ServerId): boolean {
  const { kind, caller } = input;
  const place = { serverId, conversationId: input.conversation };
  try {
    switch (kind) {
      case 'leave': {
        const body = leaveRequest.decode(signed.body);
        return isOfPlace(body, place) && body.userId === caller.user;
      }
      case 'repair': {
        const body = repairRequest.decode(signed.body);
        return isOfPlace(body, place) && body.deviceId === caller.device;
      }
      case 'join': {
        const body = joinRequest.decode(signed.body);
        return isOfPlace(body, place) && body.userId === caller.user;
      }
      default:
        return unreachable(kind);
    }
  } catch (error) {
    if (error instanceof CborRefusal) return false;
    throw error;
  }
}

function audienceOf({ users }: Projection, { kind, caller }: RequestInput) {
  return [...users]
    .filter(([user, { role }]) =>
      kind === 'join' ? role >= ADMIN : kind === 'repair' || user !== caller.user,
    )
    .map(([user]) => user);
}
