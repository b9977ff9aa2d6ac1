import type { z } from 'zod';

/** A frame that a client sends and the gateway acknowledges with `ack`, or with an error ack. */
export interface ClientFrame {
  readonly event: string;
  readonly summary: string;
  readonly payload: z.ZodType;
  readonly ack: z.ZodType;
}

/** A frame that the gateway sends; nothing is acknowledged. */
export interface ServerFrame {
  readonly event: string;
  readonly summary: string;
  readonly payload: z.ZodType;
}

export function clientFrame<const Frame extends ClientFrame>(frame: Frame): Frame {
  return frame;
}

export function serverFrame<const Frame extends ServerFrame>(frame: Frame): Frame {
  return frame;
}
