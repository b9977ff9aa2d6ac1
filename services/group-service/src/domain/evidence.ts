import { createHash, createPublicKey, verify } from 'node:crypto';
import {
  CborRefusal,
  deviceList,
  encodeBase64url,
  joinRequest,
  leaveRequest,
  repairRequest,
  statement,
  unreachable,
  type ConversationId,
  type DeviceId,
  type JoinRequest,
  type LeaveRequest,
  type RepairRequest,
  type ServerId,
  type Statement,
  type UserId,
} from '@wisp/protocol';

/** A user's newest device list, by auth-service's word. */
export interface CurrentDeviceList {
  readonly deleted: boolean;
  readonly version: number;
  /** SHA-256 of the statement as base64url. */
  readonly hash: string;
  /** The devices and their signature keys. */
  readonly devices: ReadonlyMap<DeviceId, Uint8Array>;
}

interface ListEvidence {
  readonly version: number;
  readonly hash: string;
  readonly devices: ReadonlySet<DeviceId>;
}

export interface SignedEvidence<Body> {
  readonly statement: Statement;
  /** SHA-256 of the statement as base64url. */
  readonly hash: string;
  readonly body: Body;
}

/** The evidence of one commit, by whom it speaks of. */
export interface Evidence {
  readonly lists: ReadonlyMap<UserId, ListEvidence>;
  readonly leaves: ReadonlyMap<UserId, SignedEvidence<LeaveRequest>>;
  readonly repairs: ReadonlyMap<DeviceId, SignedEvidence<RepairRequest>>;
  readonly joins: ReadonlyMap<UserId, SignedEvidence<JoinRequest>>;
}

/** What a statement has to name besides its subject. */
export interface Place {
  readonly serverId: ServerId;
  readonly conversationId: ConversationId;
}

/** Whether a statement was made for this server and conversation. */
export function isOfPlace(body: Place, place: Place): boolean {
  return body.serverId === place.serverId && body.conversationId === place.conversationId;
}

/** Sorts the statements of a commit; null where one is malformed, made for another place, or there twice. */
export function readEvidence(statements: readonly Statement[], place: Place): Evidence | null {
  const lists = new Map<UserId, ListEvidence>();
  const leaves = new Map<UserId, SignedEvidence<LeaveRequest>>();
  const repairs = new Map<DeviceId, SignedEvidence<RepairRequest>>();
  const joins = new Map<UserId, SignedEvidence<JoinRequest>>();
  try {
    for (const signed of statements) {
      const before = lists.size + leaves.size + repairs.size + joins.size;
      const hash = hashStatement(signed);
      switch (signed.type) {
        case 'device-list': {
          const { userId, version, devices } = deviceList.decode(signed.body);
          lists.set(userId, { version, hash, devices: new Set(devices.map(({ deviceId }) => deviceId)) });
          break;
        }
        case 'leave-request': {
          const body = leaveRequest.decode(signed.body);
          if (!isOfPlace(body, place)) return null;
          leaves.set(body.userId, { statement: signed, hash, body });
          break;
        }
        case 'repair-request': {
          const body = repairRequest.decode(signed.body);
          if (!isOfPlace(body, place)) return null;
          repairs.set(body.deviceId, { statement: signed, hash, body });
          break;
        }
        case 'join-request': {
          const body = joinRequest.decode(signed.body);
          if (!isOfPlace(body, place)) return null;
          joins.set(body.userId, { statement: signed, hash, body });
          break;
        }
        case 'profile':
          return null;
        default:
          return unreachable(signed.type);
      }
      if (lists.size + leaves.size + repairs.size + joins.size === before) return null;
    }
  } catch (error) {
    if (error instanceof CborRefusal) return null;
    throw error;
  }
  return { lists, leaves, repairs, joins };
}

export function hashStatement(signed: Statement): string {
  return encodeBase64url(createHash('sha256').update(statement.encode(signed)).digest());
}

const labels = {
  'leave-request': 'wisp/leave/1',
  'repair-request': 'wisp/repair/1',
  'join-request': 'wisp/join/1',
} as const;

/** Whether one of the devices' signature keys signed it: Ed25519 over label and body (protocol §1). */
export function isSignedByDevice(signed: Statement, keys: Iterable<Uint8Array>): boolean {
  if (signed.type === 'device-list' || signed.type === 'profile') return false;
  const message = Buffer.concat([Buffer.from(labels[signed.type], 'utf8'), signed.body]);
  for (const key of keys) {
    const publicKey = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: encodeBase64url(key) },
      format: 'jwk',
    });
    if (verify(null, message, publicKey, signed.sig)) return true;
  }
  return false;
}
