import { subjects } from '../bus/subjects.js';
import type { EventSubject, RequestSubject } from '../bus/subject.js';
import { clientFrames, handshake, serverFrames } from '../frames/index.js';
import { PROTOCOL_VERSION } from '../version.js';
import { schemaOf } from './openapi.js';

type Json = Record<string, unknown>;

/** The AsyncAPI 3 document of the socket's frames and the bus's subjects, made from the schemas that check them. */
export function asyncApiDocument(): Json {
  const socket: Json = {};
  const operations: Json = {};
  for (const frame of clientFrames) {
    socket[`client.${frame.event}`] = {
      summary: frame.summary,
      payload: schemaOf(frame.payload),
      'x-ack': schemaOf(frame.ack),
    };
  }
  for (const frame of serverFrames) {
    socket[`server.${frame.event}`] = { summary: frame.summary, payload: schemaOf(frame.payload) };
  }
  const channels: Json = {
    socket: { address: '/socket.io', messages: socket, 'x-handshake': schemaOf(handshake) },
  };
  for (const [name, subject] of allSubjects()) {
    channels[name] = {
      address: subject.subject,
      messages:
        subject.kind === 'event'
          ? { event: { payload: schemaOf(subject.payload) } }
          : {
              request: { payload: schemaOf(subject.request) },
              reply: { payload: schemaOf(subject.response) },
            },
    };
    operations[name] = {
      action: subject.kind === 'event' ? 'send' : 'receive',
      channel: { $ref: `#/channels/${name}` },
    };
  }
  return {
    asyncapi: '3.0.0',
    info: { title: 'Wisp: frames and subjects', version: String(PROTOCOL_VERSION) },
    channels,
    operations,
  };
}

/** Every subject, of shard and cell 0 where it has one. */
export function allSubjects(): [string, RequestSubject | EventSubject][] {
  return Object.entries(subjects).map(([name, subject]) => [name, subject(0)]);
}
