import { problem as problemSchema, type HttpOperation, type ResponseOf } from '@wisp/protocol';
import type { Clock } from '../clock.js';
import type { CookieJar } from './cookie-jar.js';
import { readText } from './read-text.js';
import type { CallResult } from './transport.js';

/** Above the server's longest path (server §5: 2 < 3 < 4 < 5 < 10 s). */
export const REQUEST_TIMEOUT_MS = 10_000;

export interface Line {
  /** Where the services are reached: `https://wisp.example`. */
  baseUrl: string;
  fetch: typeof fetch;
  clock: Clock;
  /** Absent in a browser. */
  cookies?: CookieJar;
}

/** The parts of a call, without types; `call` of the `HttpClient` has them. */
export interface RequestParts {
  params?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, string | number | undefined>>;
  body?: unknown;
  ifMatch?: string;
  token?: string;
}

/** One exchange with the server; its answer is checked by the operation's schema. */
export async function sendRequest<Operation extends HttpOperation>(
  line: Line,
  operation: Operation,
  parts: RequestParts,
): Promise<CallResult<ResponseOf<Operation>>> {
  const url = buildUrl(line.baseUrl, operation.path, parts);
  const timeout = new AbortController();
  const cancel = line.clock.after(REQUEST_TIMEOUT_MS, () => timeout.abort());
  try {
    const response = await line.fetch(url, {
      method: operation.method,
      headers: buildHeaders(line, url.pathname, parts),
      ...(parts.body === undefined ? {} : { body: JSON.stringify(parts.body) }),
      credentials: 'include',
      // A redirect would carry the token to where the person didn't send it.
      redirect: 'error',
      cache: 'no-store',
      signal: timeout.signal,
    });
    await line.cookies?.absorb(response.headers.getSetCookie());
    const text = await readText(response);
    if (text === null) return { kind: 'unreachable', reason: 'bad-answer' };
    return readAnswer(operation, response.status, text);
  } catch (error) {
    if (isNetworkFailure(error)) {
      return { kind: 'unreachable', reason: timeout.signal.aborted ? 'timeout' : 'no-network' };
    }
    throw error;
  } finally {
    cancel();
  }
}

function buildUrl(baseUrl: string, path: string, { params = {}, query = {} }: RequestParts): URL {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined) throw new RangeError(`the path wants ${name}`);
    return encodeURIComponent(value);
  });
  const url = new URL(filled, baseUrl);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}

function buildHeaders(line: Line, path: string, { body, ifMatch, token }: RequestParts): Headers {
  const headers = new Headers({ accept: 'application/json, application/problem+json' });
  if (body !== undefined) headers.set('content-type', 'application/json');
  if (ifMatch !== undefined) headers.set('if-match', ifMatch);
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  const cookie = line.cookies?.header(path);
  if (cookie) headers.set('cookie', cookie);
  return headers;
}

function readAnswer<Operation extends HttpOperation>(
  operation: Operation,
  status: number,
  text: string,
): CallResult<ResponseOf<Operation>> {
  if (status === operation.status) {
    if (!operation.response) return { kind: 'ok', value: undefined as ResponseOf<Operation> };
    const answer = operation.response.safeParse(parseJson(text));
    // The schema is the operation's own, so what it lets through is its ResponseOf.
    if (answer.success) return { kind: 'ok', value: answer.data as ResponseOf<Operation> };
  } else {
    const problem = problemSchema.safeParse(parseJson(text));
    if (problem.success) return { kind: 'problem', problem: problem.data };
  }
  return { kind: 'unreachable', reason: 'bad-answer' };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `fetch` rejects with a TypeError when there is no answer and with an AbortError at our timeout. */
function isNetworkFailure(error: unknown): boolean {
  const name = (error as { name?: unknown }).name;
  return name === 'TypeError' || name === 'AbortError';
}
