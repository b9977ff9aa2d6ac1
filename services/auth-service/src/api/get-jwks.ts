import { getJwks } from '@wisp/protocol';
import { route, type Route } from '@wisp/service-kit';
import type { SigningKeys } from '../domain/signing-keys.js';

export function getJwksRoute({ signingKeys }: { signingKeys: SigningKeys }): Route {
  return route(getJwks, () => signingKeys.jwks());
}
