import { problem, type Problem } from '@wisp/protocol';
import { Agent, request, type IncomingHttpHeaders } from 'node:http';

/** A request as it goes out, well-formed or not. */
export interface RawRequest {
  method: string;
  /** With the query; may be anything that fits into a request line. */
  path: string;
  token?: string | undefined;
  headers?: Record<string, string>;
  /** Text goes out as it is, anything else as JSON. */
  body?: unknown;
  /** Without a content-length. */
  chunked?: boolean;
}

export interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** Null where the answer isn't a problem document. */
  problem: Problem | null;
}

const agent = new Agent({ keepAlive: true, maxSockets: 8 });

/** Sends it and reads the answer, also one that comes before the whole body went out. */
export function call(url: string, raw: RawRequest): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const body =
    raw.body === undefined ? undefined : typeof raw.body === 'string' ? raw.body : JSON.stringify(raw.body);
  const headers: Record<string, string> = {
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(body === undefined
      ? {}
      : raw.chunked
        ? { 'transfer-encoding': 'chunked' }
        : { 'content-length': String(Buffer.byteLength(body)) }),
    ...(raw.token === undefined ? {} : { authorization: `Bearer ${raw.token}` }),
    ...raw.headers,
  };
  return new Promise((resolve, reject) => {
    const sent = request(
      { hostname, port, agent, method: raw.method, path: raw.path, headers },
      (response) => {
        const chunks: Buffer[] = [];
        const finish = () => {
          const text = Buffer.concat(chunks).toString();
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            problem: readProblem(response.headers['content-type'], text),
          });
        };
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', finish);
        response.on('error', finish);
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

function readProblem(contentType: string | undefined, text: string): Problem | null {
  if (contentType === undefined || !/^application\/problem\+json(;|$)/.test(contentType)) return null;
  return problem.strict().parse(JSON.parse(text));
}
