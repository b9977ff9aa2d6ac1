import { checkKeyPackage, type ListedDevices } from '@wisp/e2ee';
import {
  claimKeyPackages,
  decodeBase64url,
  type BodyOf,
  type ConversationId,
  type UserId,
} from '@wisp/protocol';
import { v4 as uuidv4 } from 'uuid';
import { EngineError } from '../engine-error.js';
import type { Context } from './context.js';
import { listedDevices } from './listed-devices.js';

/** A KeyPackage of each of somebody's devices, claimed for a conversation and checked against their device list. */
export async function claimFor(
  context: Context,
  wish: { peer: UserId; conversationId: ConversationId },
): Promise<{ keyPackages: Uint8Array[]; deviceList: ListedDevices }> {
  const keyPackages = await claim(context, wish);
  const deviceList = await listedDevices(context, wish.peer);
  for (const keyPackage of keyPackages) {
    const verdict = await checkKeyPackage(keyPackage, {
      deviceList,
      serverId: context.self.serverId,
      now: context.time.now(),
    });
    if (verdict.kind === 'refused') throw new EngineError('identity-mismatch');
  }
  return { keyPackages, deviceList };
}

async function claim(
  context: Context,
  wish: { peer: UserId; conversationId: ConversationId },
): Promise<Uint8Array[]> {
  const body: BodyOf<typeof claimKeyPackages> = {
    claimId: uuidv4(),
    conversationId: wish.conversationId,
  };
  const result = await context.http.call(claimKeyPackages, { params: { id: wish.peer }, body });
  if (result.kind === 'unreachable') throw new EngineError('offline');
  if (result.kind === 'problem') {
    const { code } = result.problem;
    if (code === 'no-key-packages' || code === 'not-found') throw new EngineError('unreachable-user');
    throw new EngineError(code === 'rate-limited' ? 'rate-limited' : 'server-unavailable');
  }
  return result.value.packages.map(({ keyPackage }) => decodeBase64url(keyPackage));
}
