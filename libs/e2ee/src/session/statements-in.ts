import {
  leaveRequest,
  repairRequest,
  statement,
  type LeaveRequest,
  type RepairRequest,
  type Statement,
} from '@wisp/protocol';
import { decodeOrNull } from '../identity/refused.js';

/** A statement and what it says; `judge` verifies who signed it. */
export interface Said<Body> {
  readonly statement: Statement;
  readonly body: Body;
}

export function readLeaveRequest(bytes: Uint8Array): Said<LeaveRequest> | null {
  const signed = decodeOrNull(statement, bytes);
  const body = signed?.type === 'leave-request' ? decodeOrNull(leaveRequest, signed.body) : null;
  return signed === null || body === null ? null : { statement: signed, body };
}

export function readRepairRequest(bytes: Uint8Array): Said<RepairRequest> | null {
  const signed = decodeOrNull(statement, bytes);
  const body = signed?.type === 'repair-request' ? decodeOrNull(repairRequest, signed.body) : null;
  return signed === null || body === null ? null : { statement: signed, body };
}
