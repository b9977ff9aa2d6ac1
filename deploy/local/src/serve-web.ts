import express, { Router, type RequestHandler } from 'express';
import { join } from 'node:path';

const NEVER_CACHED = 'no-cache';
const HASHED = 'public, max-age=31536000, immutable';

/** The built web client: hashed files for ever, and its one page for every path that isn't an API's. */
export function serveWeb(folder: string): RequestHandler {
  const router = Router();
  router.use(
    express.static(folder, {
      index: false,
      setHeaders: (response, path) =>
        response.setHeader('Cache-Control', path.startsWith(join(folder, 'assets')) ? HASHED : NEVER_CACHED),
    }),
  );
  router.get(/^\/(?!api\/|socket\.io\/|assets\/|healthz$|readyz$|metrics$)/, (_request, response) => {
    response.setHeader('Cache-Control', NEVER_CACHED);
    response.sendFile(join(folder, 'index.html'));
  });
  return router;
}
