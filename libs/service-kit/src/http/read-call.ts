import type { HttpOperation, ProblemCode, ProblemExtras } from '@wisp/protocol';
import express, { type Request, type Response } from 'express';
import type { z } from 'zod';
import { refuse, type Refusal } from './route.js';

const DEFAULT_BODY_BYTES = 64 * 1024;

export interface Inputs {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

export type ReadOutcome = { readonly kind: 'read'; readonly inputs: Inputs } | Refusal;

/** Reads the body and checks path, query and body against the operation. The first wrong field is named. */
export async function readCall(
  operation: HttpOperation,
  { request, response }: { request: Request; response: Response },
): Promise<ReadOutcome> {
  const params = check(operation.params, request.params, 'params');
  if ('refused' in params) return params;
  const query = check(operation.query, request.query, 'query');
  if ('refused' in query) return query;

  let body: unknown;
  if (operation.body === undefined) {
    if (hasBody(request)) return refuse('malformed', { field: 'body' });
  } else {
    if (!request.is('application/json')) {
      return hasBody(request) || request.headers['content-type'] !== undefined
        ? refuse('unsupported-media-type')
        : refuse('malformed', { field: 'body' });
    }
    const failure = await parseJson(operation.bodyBytes ?? DEFAULT_BODY_BYTES, request, response);
    if (failure) return failure;
    const checked = check(operation.body, request.body, 'body');
    if ('refused' in checked) return checked;
    body = checked.value;
  }
  return { kind: 'read', inputs: { params: params.value, query: query.value, body } };
}

function check(
  schema: z.ZodObject | undefined,
  value: unknown,
  place: 'params' | 'query' | 'body',
): { readonly value: unknown } | Refusal {
  if (schema === undefined) {
    const surplus = typeof value === 'object' && value !== null ? Object.keys(value)[0] : undefined;
    return place === 'query' && surplus !== undefined
      ? refuse('malformed', { field: surplus.slice(0, 64) })
      : { value: undefined };
  }
  const result = schema.safeParse(value);
  if (result.success) return { value: result.data };
  return refuse('malformed', { field: fieldOf(result.error) ?? place });
}

/** The path of the first issue; of an unknown field, its own. */
function fieldOf(error: z.ZodError): string | undefined {
  const issue = error.issues[0];
  if (issue === undefined) return undefined;
  const surplus = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const path = [...issue.path, ...surplus].join('.').slice(0, 128);
  return path === '' ? undefined : path;
}

function hasBody(request: Request): boolean {
  const length = request.headers['content-length'];
  return request.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

const parsers = new Map<number, ReturnType<typeof express.json>>();

function parserFor(bytes: number) {
  const known = parsers.get(bytes);
  if (known) return known;
  const parser = express.json({ limit: bytes, strict: true, inflate: false, type: () => true });
  parsers.set(bytes, parser);
  return parser;
}

function parseJson(bytes: number, request: Request, response: Response): Promise<Refusal | undefined> {
  return new Promise((resolve) => {
    parserFor(bytes)(request, response, (error?: unknown) => {
      if (error === undefined) return resolve(undefined);
      const { code, extras } = problemOfParser(error);
      resolve(refuse(code, extras));
    });
  });
}

function problemOfParser(error: unknown): { code: ProblemCode; extras: ProblemExtras } {
  const status =
    typeof error === 'object' && error !== null && 'status' in error ? Number(error.status) : undefined;
  if (status === 413) return { code: 'too-large', extras: {} };
  if (status === 415) return { code: 'unsupported-media-type', extras: {} };
  return { code: 'malformed', extras: { field: 'body' } };
}
