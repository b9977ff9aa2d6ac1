import { connectNats } from '@wisp/bus';
import { createApp, createHealthRoutes, createLogger, listen, runService } from '@wisp/service-kit';
import { loadConfig } from './config.js';
import { createGateway } from './service.js';

const config = loadConfig(process.env);
const logger = createLogger({ service: 'gateway', level: config.logLevel });

await runService({
  logger,
  deadlineMs: config.drainSeconds * 1000 + 10_000,
  start: async () => {
    const bus = await connectNats({
      servers: config.natsUrl,
      name: 'gateway',
      user: 'gateway',
      password: config.natsPassword,
    });
    const gateway = createGateway({ config, bus, logger });
    const app = createApp({ logger, handlers: [createHealthRoutes(gateway)] });
    const http = await listen(app, { port: config.port, host: config.host });
    gateway.attach(http.server);
    return {
      drain: () => gateway.drain(),
      stop: async () => {
        await gateway.stop();
        await http.close();
        await bus.drain();
      },
    };
  },
});
