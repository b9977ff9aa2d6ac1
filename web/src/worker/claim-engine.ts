import { ENGINE_LOCK } from './wire.js';

/**
 * Waits for its turn to hold the engine and then starts its Worker. The lock lives as long as the tab: when the tab
 * closes, the next one in the queue takes over.
 */
export function claimEngine({ onFailure }: { onFailure: () => void }): void {
  void navigator.locks.request(ENGINE_LOCK, () => {
    const worker = new Worker(new URL('./engine-worker.ts', import.meta.url), { type: 'module' });
    worker.addEventListener('error', onFailure);
    return new Promise<never>(() => undefined);
  });
}
