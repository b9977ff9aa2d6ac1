import type { ConversationView } from '@wisp/client';
import { useState, type FocusEvent, type KeyboardEvent } from 'react';
import { t } from '../../strings/index.js';
import { ChatRow } from './ChatRow.js';

interface ChatListProps {
  chats: ConversationView[];
  current: string | null;
  now: number;
}

/** One tab stop: the arrows, Home and End move, a letter finds, Enter opens. */
export function ChatList({ chats, current, now }: ChatListProps) {
  const [focused, setFocused] = useState<string | null>(null);
  const stop = [focused, current, chats[0]?.id].find((id) => chats.some((chat) => chat.id === id));

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const next = chooseChat(chats, focused ?? stop ?? null, event.key);
    if (!next) return;
    event.preventDefault();
    event.currentTarget.querySelector<HTMLElement>(`[data-chat="${next}"]`)?.focus();
  };

  return (
    <nav
      className="scroll"
      aria-label={t('chats.list')}
      onKeyDown={onKeyDown}
      onFocus={(event: FocusEvent<HTMLElement>) => {
        setFocused(event.target.dataset['chat'] ?? null);
      }}
    >
      <ul className="chats">
        {chats.map((chat) => (
          <li key={chat.id}>
            <ChatRow
              conversation={chat}
              current={chat.id === current}
              reachable={chat.id === stop}
              now={now}
            />
          </li>
        ))}
      </ul>
    </nav>
  );
}

function chooseChat(chats: ConversationView[], from: string | null, key: string): string | undefined {
  const at = chats.findIndex((chat) => chat.id === from);
  switch (key) {
    case 'ArrowDown':
      return chats[Math.min(at + 1, chats.length - 1)]?.id;
    case 'ArrowUp':
      return chats[Math.max(at - 1, 0)]?.id;
    case 'Home':
      return chats[0]?.id;
    case 'End':
      return chats.at(-1)?.id;
    default: {
      if (key.length !== 1 || key === ' ') return undefined;
      const after = [...chats.slice(at + 1), ...chats.slice(0, at + 1)];
      return after.find((chat) => chat.title.toLowerCase().startsWith(key.toLowerCase()))?.id;
    }
  }
}
