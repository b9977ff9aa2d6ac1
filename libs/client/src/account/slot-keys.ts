import { parseRecoveryKey, stretchSecret, type SlotKeys } from '@wisp/e2ee';
import {
  getParameters,
  PROTOCOL_VERSION,
  decodeBase64url,
  type ResponseOf,
  type Username,
} from '@wisp/protocol';
import { EngineError } from '../engine-error.js';
import type { HttpClient } from '../transport/transport.js';
import { valueOrThrow } from './failures.js';

export type ServerParameters = ResponseOf<typeof getParameters>;

/** What the server wants secrets to be stretched with. Refuses a server that speaks only a newer protocol. */
export async function fetchParameters(http: HttpClient, username: Username): Promise<ServerParameters> {
  const parameters = valueOrThrow(await http.call(getParameters, { query: { username } }));
  if (parameters.protocol.oldest > PROTOCOL_VERSION) throw new EngineError('protocol-too-old');
  return parameters;
}

/** Takes about a second. Throws `weak-server` for parameters that engines don't accept from anybody. */
export async function stretch(
  parameters: ServerParameters,
  { username, secret }: { username: Username; secret: string },
): Promise<SlotKeys> {
  const { serverId, kdf } = parameters;
  const serverSalt = decodeBase64url(parameters.serverSalt);
  const outcome = await stretchSecret({ serverSalt, serverId, username, secret, kdf });
  if (outcome.kind === 'refused') throw new EngineError('weak-server', { cause: outcome.reason });
  return outcome.keys;
}

export interface TypedSecret {
  kind: 'password' | 'recovery';
  text: string;
}

/** The secret as it is stretched. Words that can't be a recovery key are told apart here, without the server. */
export function readSecret({ kind, text }: TypedSecret): string {
  if (kind === 'password') return text;
  const verdict = parseRecoveryKey(text);
  if (verdict.kind === 'refused') throw new EngineError('wrong-credentials', { cause: verdict.reason });
  return verdict.secret;
}
