import { z } from 'zod';

/** Every code that an HTTP answer or an error ack may carry, with its HTTP status and what it tells a person. */
export const problemCodes = {
  malformed: { status: 400, title: 'The request is malformed.' },
  unauthorized: { status: 401, title: 'Sign in first.' },
  'wrong-credentials': { status: 401, title: "Username and password don't match." },
  'session-ended': { status: 401, title: 'This session has ended.' },
  forbidden: { status: 403, title: 'Not allowed.' },
  'device-not-listed': { status: 403, title: "This device isn't in the account's device list." },
  'not-found': { status: 404, title: 'Not found.' },
  'method-not-allowed': { status: 405, title: 'This method is not offered here.' },
  'username-taken': { status: 409, title: 'This username is taken.' },
  'stale-commit': { status: 409, title: 'Another commit came first.' },
  'direct-exists': { status: 409, title: 'This conversation exists already.' },
  'conversation-exists': { status: 409, title: 'This conversation id is taken.' },
  'list-conflict': { status: 409, title: 'The device list has moved on.' },
  'incarnation-exists': { status: 409, title: 'The conversation has moved on.' },
  'no-key-packages': { status: 409, title: 'This person has no device that can be reached.' },
  'precondition-failed': { status: 412, title: 'It was changed elsewhere.' },
  'too-large': { status: 413, title: 'Too large.' },
  'unsupported-media-type': { status: 415, title: 'Send JSON.' },
  'commit-refused': { status: 422, title: 'The commit breaks a rule.' },
  'protocol-too-old': { status: 426, title: 'This version is too old for the server.' },
  'rate-limited': { status: 429, title: 'Too many requests.' },
  internal: { status: 500, title: 'Something failed on the server.' },
  unavailable: { status: 503, title: 'The server cannot be reached in full. Try again.' },
  overloaded: { status: 503, title: 'The server is busy. Try again.' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problemCodes;
export const problemCode = z.enum(Object.keys(problemCodes) as [ProblemCode, ...ProblemCode[]]);

/** `application/problem+json` (RFC 9457). `type` is `about:blank`; clients go by `code`. */
export const problem = z.object({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int(),
  code: problemCode,
  detail: z.string().optional(),
  /** The first field that is wrong, as a path: `commit.welcome`. */
  field: z.string().optional(),
  /** Seconds until another try makes sense. */
  retryAfter: z.number().min(0).optional(),
  /** With `stale-commit`: the newest commit entry's seq. */
  newestCommitSeq: z.int().optional(),
  /** With `direct-exists`: that conversation. */
  conversation: z.string().optional(),
  /** With `commit-refused`: the rule that was broken. */
  reason: z.string().optional(),
});
export type Problem = z.infer<typeof problem>;

export type ProblemExtras = Partial<
  Pick<Problem, 'detail' | 'field' | 'retryAfter' | 'newestCommitSeq' | 'conversation' | 'reason'>
>;

/** Builds the body of an error answer; its `status` is the HTTP status to send. */
export function makeProblem(code: ProblemCode, extras: ProblemExtras = {}): Problem {
  const { status, title } = problemCodes[code];
  return { type: 'about:blank', title, status, code, ...extras };
}
