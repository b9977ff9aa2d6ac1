import { pino } from 'pino';
import { describeError } from './describe-error.js';

/**
 * All that a line may carry besides its text. An allow-list: a field that isn't named here is left out, so that no
 * token, key, password, address or body gets in by accident.
 */
export interface LogFields {
  readonly attempt?: number;
  readonly bytes?: number;
  readonly code?: string | number;
  readonly count?: number;
  /** A problem's field, a path such as `commit.welcome`. */
  readonly field?: string;
  readonly kind?: string;
  readonly lost?: number;
  /** A duration. */
  readonly ms?: number;
  readonly name?: string;
  readonly operation?: string;
  readonly part?: string;
  readonly port?: number;
  /** A constant of ours, never a text from outside. */
  readonly reason?: string;
  readonly signal?: string;
  readonly status?: number;
  readonly subject?: string;
  readonly timeline?: number;
  readonly version?: number | string;
  /** Becomes name, code and stack frames; the message only where it can hold no data. */
  readonly error?: unknown;
}

const allowed: ReadonlySet<string> = new Set<keyof LogFields>([
  'attempt',
  'bytes',
  'code',
  'count',
  'field',
  'kind',
  'lost',
  'ms',
  'name',
  'operation',
  'part',
  'port',
  'reason',
  'signal',
  'status',
  'subject',
  'timeline',
  'version',
]);

/** JSON lines. `error` means a bug or a loss, `warn` something that an operator should know. Texts are constants. */
export interface Logger {
  debug(fields: LogFields, text: string): void;
  info(fields: LogFields, text: string): void;
  warn(fields: LogFields, text: string): void;
  error(fields: LogFields, text: string): void;
}

export interface LoggerOptions {
  readonly service: string;
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Standard output by default. */
  readonly write?: (line: string) => void;
}

export function createLogger({ service, level, write }: LoggerOptions): Logger {
  const options = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const lines = write ? pino(options, { write }) : pino(options);
  const at = (to: 'debug' | 'info' | 'warn' | 'error') => (fields: LogFields, text: string) => {
    if (lines.isLevelEnabled(to)) lines[to](keepAllowed(fields), text);
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

const MAX_TEXT = 200;

function keepAllowed(fields: LogFields): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'error') kept['error'] = describeError(value);
    else if (!allowed.has(name)) continue;
    else if (typeof value === 'string') kept[name] = value.slice(0, MAX_TEXT);
    else if (typeof value === 'number' || typeof value === 'boolean') kept[name] = value;
  }
  return kept;
}
