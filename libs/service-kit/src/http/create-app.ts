import express, { Router, type Express, type RequestHandler, type Response } from 'express';
import helmet from 'helmet';
import type { Logger } from '../logging/create-logger.js';
import { problemOfFault, sendProblem } from './send-problem.js';

export interface AppOptions {
  readonly logger: Logger;
  /** In order; what none of them answers gets 404. */
  readonly handlers: readonly RequestHandler[];
  /** Origins beside our own that pages may talk to: a gateway or a blob store on an origin of its own. */
  readonly connectOrigins?: readonly string[];
  /** How many proxies of ours stand in front; their word on the caller's address is believed. 0 by default. */
  readonly trustedProxies?: number;
}

/** An Express app with the security headers of every answer, and problems for whatever goes wrong. */
export function createApp(options: AppOptions): Express {
  const { logger, handlers, connectOrigins = [], trustedProxies = 0 } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.set('trust proxy', trustedProxies);
  app.use(securityHeaders(connectOrigins));
  const inner = Router({ caseSensitive: true, strict: true });
  for (const handler of handlers) inner.use(handler);
  app.use((request, response) => {
    inner(request, response, (error?: unknown) => {
      if (error === undefined) return sendProblem(response, 'not-found');
      if (response.headersSent) return response.destroy();
      sendFault(error, response);
    });
  });

  function sendFault(error: unknown, response: Response): void {
    const status =
      typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
    // What Express itself refuses: a path that isn't percent-encoded properly.
    if (status === 400) return sendProblem(response, 'malformed', { field: 'path' });
    const { code, extras } = problemOfFault(error);
    if (code === 'internal') logger.error({ error }, 'a request failed');
    sendProblem(response, code, extras);
  }
  return app;
}

function securityHeaders(connectOrigins: readonly string[]): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'self'"],
        'script-src': ["'self'", "'wasm-unsafe-eval'"],
        'style-src': ["'self'"],
        'img-src': ["'self'", 'blob:', 'data:'],
        'media-src': ["'self'", 'blob:'],
        'font-src': ["'self'"],
        'connect-src': ["'self'", ...connectOrigins],
        'worker-src': ["'self'"],
        'manifest-src': ["'self'"],
        'object-src': ["'none'"],
        'base-uri': ["'none'"],
        'form-action': ["'self'"],
        'frame-ancestors': ["'none'"],
      },
    },
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
  });
}
