import { BusError } from '@wisp/bus';
import { makeProblem, problemCodes, type ProblemCode, type ProblemExtras } from '@wisp/protocol';
import type { Response } from 'express';
import { classifyDatabaseError } from '../postgres/classify-database-error.js';
import type { Refusal } from './route.js';

/** Sends `application/problem+json` (RFC 9457); `retryAfter` also as the header, in whole seconds. */
export function sendProblem(response: Response, code: ProblemCode, extras: ProblemExtras = {}): void {
  const problem = makeProblem(code, extras);
  if (code === 'unauthorized') response.set('WWW-Authenticate', 'Bearer');
  if (problem.retryAfter !== undefined) response.set('Retry-After', String(Math.ceil(problem.retryAfter)));
  response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}

export function isRefusal(outcome: unknown): outcome is Refusal {
  return (
    typeof outcome === 'object' &&
    outcome !== null &&
    'refused' in outcome &&
    typeof outcome.refused === 'string' &&
    outcome.refused in problemCodes
  );
}

const UNAVAILABLE_RETRY_SECONDS = 1;

/** What a thrown error becomes: `unavailable` where another part is away or busy, else a bug: `internal`. */
export function problemOfFault(error: unknown): { code: ProblemCode; extras: ProblemExtras } {
  const away =
    (error instanceof BusError &&
      !['bad-request', 'bad-reply', 'not-permitted', 'too-large'].includes(error.code)) ||
    classifyDatabaseError(error) === 'unavailable';
  if (away) return { code: 'unavailable', extras: { retryAfter: UNAVAILABLE_RETRY_SECONDS } };
  return { code: 'internal', extras: {} };
}
