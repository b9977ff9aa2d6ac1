import { connectNats } from '@wisp/bus';
import { createLogger, listen, runService } from '@wisp/service-kit';
import { loadConfig } from './config.js';
import { createGroupService } from './service.js';

const config = loadConfig(process.env);
const logger = createLogger({ service: 'group-service', level: config.logLevel });

await runService({
  logger,
  start: async () => {
    const bus = await connectNats({
      servers: config.natsUrl,
      name: 'group-service',
      user: 'group-service',
      password: config.natsPassword,
    });
    const service = createGroupService({ config, bus, logger });
    await service.start();
    const http = await listen(service.app, { port: config.port, host: config.host });
    return {
      drain: async () => {
        await service.drain();
        await http.close();
      },
      stop: async () => {
        await service.stop();
        await bus.drain();
      },
    };
  },
});
