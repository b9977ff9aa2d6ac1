import { types } from 'node:util';

export interface ErrorDescription {
  readonly name: string;
  readonly code?: string;
  readonly message?: string;
  readonly frames?: readonly string[];
  readonly cause?: ErrorDescription;
}

/** Their messages are the language's or ours. All others may quote data: PostgreSQL rows, JSON, addresses. */
const messagesWithoutData = new Set(['TypeError', 'RangeError', 'ReferenceError', 'BusError']);
const MAX_CAUSES = 3;
const MAX_FRAMES = 12;

/** What of an error may be logged: name, code, stack frames, and the message only where it can quote no data. */
export function describeError(error: unknown, depth = 0): ErrorDescription {
  // Unlike `instanceof` it knows errors of other realms.
  if (!types.isNativeError(error)) return { name: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? error.code.slice(0, 64) : undefined;
  const frames = framesOf(error);
  return {
    name: error.name.slice(0, 64),
    ...(code !== undefined && { code }),
    ...(messagesWithoutData.has(error.name) && { message: error.message.slice(0, 200) }),
    ...(frames.length > 0 && { frames }),
    ...(error.cause !== undefined && depth < MAX_CAUSES && { cause: describeError(error.cause, depth + 1) }),
  };
}

function framesOf(error: Error): string[] {
  // A message may span lines and look like a frame: cut it off before looking for frames.
  const stack = error.stack ?? '';
  const start = error.message ? stack.indexOf(error.message) + error.message.length : 0;
  return stack
    .slice(start)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^at .*(?::\d+:\d+\)?|\(native\)|<anonymous>\)?)$/.test(line))
    .slice(0, MAX_FRAMES);
}
