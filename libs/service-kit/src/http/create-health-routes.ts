import { Router } from 'express';
import type { Readiness } from '../lifecycle/create-readiness.js';
import type { Metrics } from '../metrics/create-metrics.js';

/** `/healthz` (the process lives), `/readyz` (send it work), `/metrics` (Prometheus). Not for the public's side. */
export function createHealthRoutes(options: { readiness: Readiness; metrics: Metrics }): Router {
  const { readiness, metrics } = options;
  const router = Router();
  router.get('/healthz', (_request, response) => {
    response.json({ status: 'alive' });
  });
  router.get('/readyz', (_request, response) => {
    const missing = readiness.missing();
    response.status(missing.length === 0 ? 200 : 503).json({ ready: missing.length === 0, missing });
  });
  router.get('/metrics', async (_request, response) => {
    response.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  return router;
}
