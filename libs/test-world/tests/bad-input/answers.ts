import { expect } from '@jest/globals';
import { problemCodes, problemsOf, type HttpOperation, type ProblemCode } from '@wisp/protocol';
import type { RawAnswer } from './call.js';

/** A problem document with its own status, and nothing of ours in it. */
export function expectProblem(answer: RawAnswer, codes: Iterable<ProblemCode>, what: string): void {
  const { status, problem } = answer;
  const found = `${what}: ${problem?.code ?? `${status} ${answer.text.slice(0, 200)}`}`;
  const expected = [...codes].map((code) => `${what}: ${code}`);
  expect(expected).toContain(found);
  expect(status).toBe(problemCodes[problem?.code ?? 'internal'].status);
  expect(answer.headers['cache-control'] ?? 'no-store').toBe('no-store');
  if (problem?.retryAfter !== undefined) expect(answer.headers['retry-after']).toBeDefined();
}

/** Either its success, in the form that it promises, or a problem that it documents; never a fault of the server. */
export function expectDocumented(operation: HttpOperation, answer: RawAnswer, what: string): void {
  if (answer.status !== operation.status) {
    const codes = [...problemsOf(operation)].filter((code) => code !== 'internal' && code !== 'unavailable');
    return expectProblem(answer, codes, what);
  }
  operation.response?.parse(JSON.parse(answer.text));
}
