import type { Session } from '@wisp/e2ee';
import { StoreDamaged } from '../store/store.js';
import { announceConversation } from './announce.js';
import { goAstray, isAstray } from './astray.js';
import type { Context } from './context.js';
import type { Room } from './room.js';

/**
 * The session, or null where there is none to work with. One that doesn't open any more, or has gone, is a damaged store:
 * the device asks for repair. Call it within the serial.
 */
export async function soundSession(context: Context, room: Room): Promise<Session | null> {
  try {
    const session = await room.currentSession(context);
    if (session !== null || room.record.state !== 'joined' || isAstray(room.record)) return session;
  } catch (error) {
    if (!(error instanceof StoreDamaged)) throw error;
  }
  const why = { badSeq: null, now: context.time.now(), random: context.random() };
  const record = goAstray(room.record, { reason: 'store-damaged', ...why });
  await room.save(context, { record, session: null });
  await announceConversation(context, room);
  return null;
}
