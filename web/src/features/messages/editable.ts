import type { MessageView } from '@wisp/client';

/** Own words that the server has; what still waits or wasn't sent is deleted and said anew. */
export function isEditable({ own, content, state }: MessageView): boolean {
  if (!own || content.kind !== 'text' || !state) return false;
  return state.kind === 'sent' || state.kind === 'delivered' || state.kind === 'read';
}
