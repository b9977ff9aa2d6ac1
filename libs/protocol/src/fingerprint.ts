import { clientFrames, handshake, serverFrames } from './frames/index.js';
import { httpOperations } from './http/index.js';
import { allSubjects, schemaOf } from './documents/index.js';
import { problemCodes } from './problems.js';
import { limits } from './limits.js';

/** Everything that goes over a wire as one value: equal iff no JSON schema, subject, problem code or limit moved. */
export function protocolShape(): unknown {
  return {
    http: httpOperations.map(({ name, method, path, auth, status, params, query, body, response }) => ({
      name,
      method,
      path,
      auth,
      status,
      params: params && schemaOf(params),
      query: query && schemaOf(query),
      body: body && schemaOf(body),
      response: response && schemaOf(response),
    })),
    frames: {
      handshake: schemaOf(handshake),
      client: clientFrames.map(({ event, payload, ack }) => ({
        event,
        payload: schemaOf(payload),
        ack: schemaOf(ack),
      })),
      server: serverFrames.map(({ event, payload }) => ({ event, payload: schemaOf(payload) })),
    },
    bus: allSubjects().map(([name, subject]) =>
      subject.kind === 'event'
        ? { name, subject: subject.subject, payload: schemaOf(subject.payload) }
        : {
            name,
            subject: subject.subject,
            request: schemaOf(subject.request),
            response: schemaOf(subject.response),
          },
    ),
    problems: problemCodes,
    limits,
  };
}
