import type { HttpOperation } from '@wisp/protocol';
import { Router, type Request, type Response } from 'express';
import type { Limit } from '../limits/create-limits.js';
import type { Logger } from '../logging/create-logger.js';
import type { Metrics } from '../metrics/create-metrics.js';
import type { TokenVerifier } from '../tokens/create-token-verifier.js';
import { authenticate } from './authenticate.js';
import { clientAddress } from './client-address.js';
import { readCall } from './read-call.js';
import type { Call, Route } from './route.js';
import { isRefusal, problemOfFault, sendProblem } from './send-problem.js';

export interface ApiOptions {
  readonly verifier: TokenVerifier;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** How often an account may call, whatever the operation; operations that cost more have limits of their own. */
  readonly perAccount?: Limit;
}

/**
 * An Express router of operations: authenticates, checks every input, runs the handler, and sends what the response
 * schema knows of its answer, nothing else. Other methods of a known path get 405.
 */
export function createApi(
  { verifier, logger, metrics, perAccount }: ApiOptions,
  routes: readonly Route[],
): Router {
  const duration = metrics.histogram({
    name: 'http_request_seconds',
    help: 'Time from the head of a request to its answer.',
    labels: ['operation', 'status'],
  });
  const refusals = metrics.counter({
    name: 'http_problems_total',
    help: 'Answers that are problems.',
    labels: ['operation', 'code'],
  });

  async function answer({ operation, handle }: Route, request: Request, response: Response): Promise<void> {
    const end = duration.startTimer({ operation: operation.name });
    response.on('close', () => end({ status: response.statusCode }));
    const refuseWith: typeof sendProblem = (to, code, extras) => {
      refusals.inc({ operation: operation.name, code });
      sendProblem(to, code, extras);
    };
    response.set('Cache-Control', 'no-store');
    try {
      const authenticated = await authenticate(operation, request, verifier);
      if ('refused' in authenticated) {
        return refuseWith(response, authenticated.refused, authenticated.extras);
      }
      const taken = authenticated.caller && (await perAccount?.take(authenticated.caller.user));
      if (taken?.ok === false) {
        return refuseWith(response, 'rate-limited', { retryAfter: Math.ceil(taken.retryAfterMs / 1_000) });
      }
      const read = await readCall(operation, { request, response });
      if ('refused' in read) return refuseWith(response, read.refused, read.extras);
      const call = {
        ...read.inputs,
        caller: authenticated.caller,
        address: clientAddress(request.ip),
        request,
        response,
      } as Call<HttpOperation>;
      const outcome = await handle(call);
      if (isRefusal(outcome)) return refuseWith(response, outcome.refused, outcome.extras);
      if (operation.response === undefined) response.status(operation.status).end();
      else response.status(operation.status).json(operation.response.parse(outcome));
    } catch (error) {
      const { code, extras } = problemOfFault(error);
      if (code === 'internal') logger.error({ operation: operation.name, error }, 'an operation failed');
      else logger.warn({ operation: operation.name, error }, 'an operation found a part away');
      if (response.headersSent) response.destroy();
      else refuseWith(response, code, extras);
    }
  }

  const byPath = new Map<string, Map<string, Route>>();
  for (const route of routes) {
    const { path, method } = route.operation;
    const methods = byPath.get(path) ?? new Map<string, Route>();
    if (methods.has(method)) throw new Error(`two handlers for ${method} ${path}`);
    byPath.set(path, methods.set(method, route));
  }
  const router = Router({ caseSensitive: true, strict: true });
  for (const [path, methods] of [...byPath].sort(([a], [b]) => compareSpecificity(a, b))) {
    router.all(path, async (request, response) => {
      const chosen = methods.get(request.method === 'HEAD' ? 'GET' : request.method);
      if (chosen) return answer(chosen, request, response);
      response.set('Allow', [...methods.keys()].join(', '));
      sendProblem(response, 'method-not-allowed');
    });
  }
  return router;
}

/** `/welcomes` before `/:id`: what is written out comes first. */
function compareSpecificity(a: string, b: string): number {
  const shape = (path: string) =>
    path
      .split('/')
      .map((segment) => (segment.startsWith(':') ? '1' : '0'))
      .join('');
  return shape(a).localeCompare(shape(b));
}
