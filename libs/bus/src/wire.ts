/** Moves bytes between named subjects. Known only to this package: payloads never leave it unchecked. */
export interface Wire {
  /** Throws `BusError`. */
  publish(subject: string, bytes: Uint8Array): void;
  /** Rejects with `BusError`. */
  request(subject: string, bytes: Uint8Array, timeoutMs: number): Promise<Uint8Array>;
  subscribe(subject: string, options: WireSubscribeOptions): WireSubscription;
  flush(): Promise<void>;
  close(): Promise<void>;
  isConnected(): boolean;
  /** The largest payload in bytes. */
  maxPayload(): number;
}

export interface WireSubscribeOptions {
  readonly queue: string | undefined;
  /** Called in order of arrival. `respond` is present when the sender waits for a reply. */
  readonly receive: (bytes: Uint8Array, respond: ((bytes: Uint8Array) => void) | undefined) => void;
}

export interface WireSubscription {
  /** Ends it; resolves once everything that was on its way has been handed to `receive`. */
  stop(): Promise<void>;
}

export type WireStatus =
  | { readonly kind: 'disconnected' }
  | { readonly kind: 'reconnected' }
  | { readonly kind: 'closed'; readonly error?: Error }
  | { readonly kind: 'slow-consumer'; readonly subject: string }
  | { readonly kind: 'not-permitted'; readonly subject: string };

/** 2 MiB (server §2): a commit of 1 MiB as base64url and the fields around it. */
export const DEFAULT_MAX_PAYLOAD = 2 * 1024 * 1024;
