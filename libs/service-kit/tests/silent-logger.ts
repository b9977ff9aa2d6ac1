import { createLogger, type Logger } from '@wisp/service-kit';

export function silentLogger(): Logger {
  return createLogger({ service: 'test', level: 'silent' });
}
