import { httpOperations, type HttpOperation } from '@wisp/protocol';
import type { Agent } from 'node:http';
import { request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Asked, LieBook, Reply } from './lies.js';

/** Headers of one connection only, and those that a changed body would belie. */
const OWN_HEADERS = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'accept-encoding'];

export interface HttpRelayParts {
  target: URL;
  agent: Agent;
  lies: LieBook;
  /** Called with every answer of an operation as the server gave it. */
  onAnswered: (operation: HttpOperation, asked: Asked, answer: unknown) => void;
}

/** One exchange: asked of the server and answered as it says, unless a lie says otherwise. */
export async function relayHttp(
  parts: HttpRelayParts,
  near: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { lies } = parts;
  const body = await readAll(near);
  const found = route(near, body);
  const reply = found && lies.replyTo(found.operation, found.asked);
  if (reply) return giveReply(response, reply);
  const far = await askServer(parts, near, body);
  let text = await readAll(far);
  if (found && far.statusCode === found.operation.status && found.operation.response) {
    const answer = found.operation.response.parse(JSON.parse(text.toString()));
    parts.onAnswered(found.operation, found.asked, answer);
    text = Buffer.from(JSON.stringify(lies.changeAnswer(found.operation, answer, found.asked)));
  }
  if (found && lies.losesAnswersOf(found.operation)) return giveReply(response, { kind: 'lost' });
  for (const [name, value] of Object.entries(far.headers)) {
    if (value !== undefined && !OWN_HEADERS.includes(name)) response.setHeader(name, value);
  }
  response.writeHead(far.statusCode ?? 502).end(text);
}

function giveReply(response: ServerResponse, reply: Reply): void {
  switch (reply.kind) {
    case 'text':
      response.writeHead(reply.status, { 'content-type': reply.contentType }).end(reply.text);
      return;
    case 'lost':
      response.socket?.destroy();
      return;
    case 'silence':
      return;
  }
}

function askServer(
  { target, agent }: HttpRelayParts,
  near: IncomingMessage,
  body: Buffer,
): Promise<IncomingMessage> {
  const headers = Object.fromEntries(
    Object.entries(near.headers).filter(([name]) => !OWN_HEADERS.includes(name)),
  );
  return new Promise((resolve, reject) => {
    ask(
      new URL(near.url ?? '/', target),
      {
        method: near.method,
        agent,
        headers: {
          ...headers,
          host: target.host,
          ...(body.length > 0 ? { 'content-length': body.length } : {}),
        },
      },
      resolve,
    )
      .on('error', reject)
      .end(body);
  });
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Literal paths before those with parameters: `/welcomes` is no conversation's id. */
const routes = httpOperations
  .map((operation: HttpOperation) => ({
    operation,
    pattern: new RegExp(`^${operation.path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`),
  }))
  .sort((a, b) => Number(a.operation.path.includes(':')) - Number(b.operation.path.includes(':')));

function route(near: IncomingMessage, body: Buffer): { operation: HttpOperation; asked: Asked } | null {
  const url = new URL(near.url ?? '/', 'http://localhost');
  for (const { operation, pattern } of routes) {
    const match = operation.method === near.method ? pattern.exec(url.pathname) : null;
    if (match === null) continue;
    const asked = {
      params: { ...match.groups },
      query: url.searchParams,
      body: body.length === 0 ? undefined : (JSON.parse(body.toString()) as unknown),
    };
    return { operation, asked };
  }
  return null;
}
