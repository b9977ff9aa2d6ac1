import type { Bus, Subscription } from '@wisp/bus';
import { subjects } from '@wisp/protocol';
import type { SigningKeys } from '../../domain/signing-keys.js';
import { QUEUE } from './queue.js';

export function answerJwks(bus: Bus, { signingKeys }: { signingKeys: SigningKeys }): Subscription {
  return bus.handle(subjects.getJwks(), QUEUE, () => signingKeys.jwks());
}
