import type { EventSubject, RequestSubject } from '@wisp/protocol';
import { z } from 'zod';

const echoRequest = z.strictObject({ text: z.string() });
const echoReply = z.object({ text: z.string() });

export const echo: RequestSubject<typeof echoRequest, typeof echoReply> = {
  kind: 'request',
  subject: 'test.echo',
  request: echoRequest,
  response: echoReply,
};

/** The same subject as `echo`, as a faulty program would use it. */
export const wrongEcho: RequestSubject<z.ZodUnknown, z.ZodUnknown> = {
  ...echo,
  request: z.unknown(),
  response: z.unknown(),
};

const counted = z.object({ number: z.int(), text: z.string().optional() });

export const ticked: EventSubject<typeof counted> = {
  kind: 'event',
  subject: 'test.ticked',
  payload: counted,
};

export const wrongTicked: EventSubject<z.ZodUnknown> = { ...ticked, payload: z.unknown() };
