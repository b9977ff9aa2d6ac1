import { z } from 'zod';
import { httpOperations, problemsOf, type HttpOperation } from '../http/index.js';
import { problem, problemCodes, type ProblemCode } from '../problems.js';
import { PROTOCOL_VERSION } from '../version.js';

type Json = Record<string, unknown>;

/** The OpenAPI 3.1 document of every HTTP operation, made from the same schemas that check the bodies. */
export function openApiDocument(): Json {
  const paths: Record<string, Json> = {};
  for (const operation of httpOperations) {
    const path = operation.path.replace(/:([a-zA-Z]+)/g, '{$1}');
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describe(operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Wisp',
      version: String(PROTOCOL_VERSION),
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      schemas: { Problem: schemaOf(problem) },
      securitySchemes: {
        accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        refreshCookie: { type: 'apiKey', in: 'cookie', name: 'wisp_refresh' },
      },
    },
  };
}

function describe(operation: HttpOperation): Json {
  const parameters = [...parametersOf(operation.params, 'path'), ...parametersOf(operation.query, 'query')];
  return {
    operationId: operation.name,
    summary: operation.summary,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(operation.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: schemaOf(operation.body) } },
          },
        }),
    security: securityOf(operation),
    responses: {
      [operation.status]:
        operation.response === undefined
          ? { description: 'Done.' }
          : {
              description: operation.summary,
              content: { 'application/json': { schema: schemaOf(operation.response) } },
            },
      ...problemResponses(operation),
    },
  };
}

function securityOf(operation: HttpOperation): Json[] {
  if (operation.auth === 'none') return [];
  return [operation.auth === 'cookie' ? { refreshCookie: [] } : { accessToken: [] }];
}

function problemResponses(operation: HttpOperation): Json {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of problemsOf(operation)) {
    const { status } = problemCodes[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, list]) => [
      status,
      {
        description: list.join(', '),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  );
}

function parametersOf(schema: z.ZodObject | undefined, place: 'path' | 'query'): Json[] {
  if (schema === undefined) return [];
  return Object.entries(schema.shape).map(([name, field]) => ({
    name,
    in: place,
    required: place === 'path' || !z.safeParse(field, undefined).success,
    schema: schemaOf(field as z.ZodType),
  }));
}

/** JSON Schema of what goes over the wire. */
export function schemaOf(schema: z.ZodType): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}
