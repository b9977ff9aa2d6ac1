import { serverFrames } from '@wisp/protocol';
import type { ReceivedFrame } from './transport.js';

const schemas = new Map<string, (typeof serverFrames)[number]['payload']>(
  serverFrames.map((frame) => [frame.event, frame.payload]),
);

/**
 * A frame as the engine may use it. Null: an event of a newer protocol. A known event that breaks its schema may
 * have carried entries, so it becomes a `hint`: the log tells.
 */
export function parseFrame(event: string, payload: unknown): ReceivedFrame | null {
  const schema = schemas.get(event);
  if (!schema) return null;
  const parsed = schema.safeParse(payload);
  if (!parsed.success) return { event: 'hint', payload: { within: 5_000 } };
  // The schema was chosen by this event.
  return { event, payload: parsed.data } as ReceivedFrame;
}
