import type { ConversationView } from '@wisp/client';
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { useState, type FocusEvent, type KeyboardEvent } from 'react';
import { t } from '../../strings/index.js';
import { ChatRow } from './ChatRow.js';

interface ChatListProps {
  chats: ConversationView[];
  current: string | null;
  now: number;
}

const OVERSCAN = 8;
const ESTIMATE = 61;

/** One tab stop: the arrows, Home and End move, a letter finds, Enter opens. Only what is near is in the page. */
export function ChatList({ chats, current, now }: ChatListProps) {
  const [focused, setFocused] = useState<string | null>(null);
  const [scroller, setScroller] = useState<HTMLElement | null>(null);
  const stop = [focused, current, chats[0]?.id].find((id) => chats.some((chat) => chat.id === id));
  const stopIndex = chats.findIndex((chat) => chat.id === stop);

  const virtual = useVirtualizer({
    count: chats.length,
    getScrollElement: () => scroller,
    estimateSize: () => ESTIMATE,
    getItemKey: (index) => chats[index]?.id ?? index,
    overscan: OVERSCAN,
    // The row that Tab reaches stays, however far one scrolls.
    rangeExtractor: (range) => {
      const near = defaultRangeExtractor(range);
      if (stopIndex < 0 || near.includes(stopIndex)) return near;
      return [...near, stopIndex].sort((one, other) => one - other);
    },
  });

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const next = chooseChat(chats, focused ?? stop ?? null, event.key);
    if (!next) return;
    event.preventDefault();
    const list = event.currentTarget;
    virtual.scrollToIndex(chats.findIndex((chat) => chat.id === next));
    // A row that was far away is drawn in the next frame.
    requestAnimationFrame(() => {
      list.querySelector<HTMLElement>(`[data-chat="${next}"]`)?.focus({ preventScroll: true });
    });
  };

  return (
    <nav
      ref={setScroller}
      className="scroll"
      aria-label={t('chats.list')}
      onKeyDown={onKeyDown}
      onFocus={(event: FocusEvent<HTMLElement>) => {
        setFocused(event.target.dataset['chat'] ?? null);
      }}
    >
      <ul className="chats far" style={{ blockSize: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const chat = chats[item.index];
          return chat ? (
            <li
              key={chat.id}
              ref={virtual.measureElement}
              data-index={item.index}
              aria-posinset={item.index + 1}
              aria-setsize={chats.length}
              style={{ translate: `0 ${item.start}px` }}
            >
              <ChatRow
                conversation={chat}
                current={chat.id === current}
                reachable={chat.id === stop}
                now={now}
              />
            </li>
          ) : null;
        })}
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
