import type { Contacts, KeyPackages, Self } from '../account/account.js';
import type { Clock } from '../clock.js';
import type { EngineEvent } from '../face.js';
import type { ServerTime } from '../server-time.js';
import type { HttpClient, Realtime } from '../transport/transport.js';
import type { ConversationStore } from './conversation-store.js';

/** What everything in `conversations/` works with; made once per sign-in. */
export interface Context {
  readonly store: ConversationStore;
  readonly self: Self;
  readonly contacts: Contacts;
  readonly keyPackages: KeyPackages;
  readonly http: HttpClient;
  readonly realtime: Realtime;
  readonly clock: Clock;
  readonly time: ServerTime;
  /** 0 to 1, for jitter. */
  readonly random: () => number;
  readonly emit: (event: EngineEvent) => void;
}
