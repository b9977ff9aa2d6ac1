import type { ConversationView } from '@wisp/client';

export type KeyCommand =
  | { kind: 'search' | 'shortcuts' | 'new-chat' | 'details' | 'timer' }
  | { kind: 'area'; step: 1 | -1 }
  | { kind: 'chat'; step: 1 | -1; unreadOnly: boolean };

type Keys = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

/** What a combination means everywhere; ⌘ counts as Ctrl. */
export function keyCommand({ key, ctrlKey, metaKey, altKey, shiftKey }: Keys): KeyCommand | null {
  const ctrl = ctrlKey || metaKey;
  const letter = key.toLowerCase();
  if (key === 'F6') return { kind: 'area', step: shiftKey ? -1 : 1 };
  if (altKey && !ctrl && (key === 'ArrowUp' || key === 'ArrowDown')) {
    return { kind: 'chat', step: key === 'ArrowDown' ? 1 : -1, unreadOnly: shiftKey };
  }
  if (ctrl && altKey && letter === 'n') return { kind: 'new-chat' };
  if (!ctrl || altKey) return null;
  if (shiftKey) return letter === 'd' ? { kind: 'timer' } : null;
  if (letter === 'k') return { kind: 'search' };
  if (letter === 'i') return { kind: 'details' };
  if (key === '/') return { kind: 'shortcuts' };
  return null;
}

/** The chat above or below the open one, or the next unread one. */
export function nextChat(
  chats: Pick<ConversationView, 'id' | 'unread'>[],
  open: string,
  { step, unreadOnly }: { step: 1 | -1; unreadOnly: boolean },
): string | null {
  const at = chats.findIndex((chat) => chat.id === open);
  for (let i = at < 0 && step < 0 ? chats.length - 1 : at + step; i >= 0 && i < chats.length; i += step) {
    const chat = chats[i];
    if (chat && (!unreadOnly || chat.unread > 0)) return chat.id;
  }
  return null;
}

const CAN_FOCUS =
  'a[href]:not([tabindex="-1"]), button:not([disabled]):not([tabindex="-1"]), textarea, input, [tabindex="0"]';

/** The first thing to focus in the next area of the window: rail, list, timeline, composer, details. */
export function nextArea(step: 1 | -1): HTMLElement | null {
  const areas = [...document.querySelectorAll<HTMLElement>('[data-area], [data-timeline]')].filter(
    (area) => area.offsetParent !== null,
  );
  const at = areas.findIndex((area) => area.contains(document.activeElement));
  for (let i = 1; i <= areas.length; i += 1) {
    const area = areas[(at + step * i + areas.length * 2) % areas.length];
    const target =
      area?.querySelector<HTMLElement>('textarea') ?? area?.querySelector<HTMLElement>(CAN_FOCUS);
    if (target) return target;
  }
  return null;
}
