import type { ConversationView, MessageKey, MessageView } from '@wisp/client';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown } from 'lucide-react';
import {
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type Ref,
} from 'react';
import { useAppDispatch, useAppSelector } from '../../app/hooks.js';
import { rich, t } from '../../strings/index.js';
import { Icon } from '../../ui/Icon.js';
import { FloatingDay } from './FloatingDay.js';
import { messagesSeen, olderWanted, selectMessages } from './messages-slice.js';
import { TimelineContext, type TimelineActions } from './timeline-actions.js';
import { timelineRows } from './timeline-rows.js';
import { TimelineRow } from './TimelineRow.js';
import { useLeaving } from './use-leaving.js';
import { useLostWords } from './use-lost-words.js';
import { useMinute } from './use-minute.js';
import { useSeen } from './use-seen.js';
import { useStayAtEnd } from './use-stay-at-end.js';
import { useTimelineFocus } from './use-timeline-focus.js';

interface MessageListProps {
  conversation: ConversationView;
  actions: Omit<TimelineActions, 'jump'>;
  /** Focus goes back here by Esc, and when nothing is left to focus. */
  toComposer: () => void;
  ref: Ref<TimelineHandle>;
}

export interface TimelineHandle {
  toLatest: () => void;
}

const OVERSCAN = 8;
const ESTIMATE = 52;
/** This near to the end, what comes is followed. */
const NEAR_END = 80;
const OLDER_WITHIN = 12;
const FLASH = 1200;

/** The timeline of one chat; mounted anew for another. */
export function MessageList({ conversation, actions, toComposer, ref }: MessageListProps) {
  const dispatch = useAppDispatch();
  const state = useAppSelector((root) => root.messages);
  const now = useMinute();
  const [scroller, setScroller] = useState<HTMLElement | null>(null);
  const [found, setFound] = useState<MessageKey | null>(null);
  const messages = useMemo(() => selectMessages(state), [state]);
  const { hidden, unreadFrom, unreadAtOpening, more, loadingOlder } = state;
  const { goneAt } = conversation;
  const built = useMemo(
    () => timelineRows({ messages, hidden, unreadFrom, unreadAtOpening, goneAt }),
    [messages, hidden, unreadFrom, unreadAtOpening, goneAt],
  );

  const onSeen = useCallback(
    (keys: MessageKey[]) => {
      dispatch(messagesSeen({ conversation: conversation.id, keys }));
    },
    [dispatch, conversation.id],
  );
  const watch = useSeen(scroller, onSeen);
  const { rows, left } = useLeaving(built, watch.isOnScreen);

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller,
    estimateSize: () => ESTIMATE,
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: OVERSCAN,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: NEAR_END,
    paddingStart: 16,
    paddingEnd: 8,
  });

  const opened = useRef(false);
  useLayoutEffect(() => {
    if (opened.current || !scroller || rows.length === 0) return;
    opened.current = true;
    const unread = rows.findIndex((row) => row.kind === 'unread');
    if (unread >= 0) virtual.scrollToIndex(unread, { align: 'start' });
    else virtual.scrollToEnd();
  }, [scroller, rows, virtual]);

  const newestOwn = messages.findLast((message) => message.own)?.key;
  const lastOwn = useRef(newestOwn);
  useEffect(() => {
    if (newestOwn && newestOwn !== lastOwn.current && messages.at(-1)?.key === newestOwn)
      virtual.scrollToEnd();
    lastOwn.current = newestOwn;
  }, [newestOwn, messages, virtual]);

  useStayAtEnd(scroller, virtual);
  useImperativeHandle(ref, () => ({
    toLatest: () => {
      virtual.scrollToEnd();
    },
  }));

  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const oldest = messages[0]?.key;
  useEffect(() => {
    if (opened.current && more && !loadingOlder && oldest && first < OLDER_WITHIN) {
      dispatch(olderWanted({ conversation: conversation.id, before: oldest }));
    }
  }, [dispatch, conversation.id, more, loadingOlder, oldest, first]);

  const jump = useCallback(
    (key: MessageKey) => {
      const at = rows.findIndex((row) => row.id === key);
      if (at < 0) return;
      virtual.scrollToIndex(at, { align: 'center' });
      setFound(key);
      setTimeout(() => {
        setFound(null);
      }, FLASH);
    },
    [rows, virtual],
  );
  const timeline = useMemo(() => ({ ...actions, jump }), [actions, jump]);
  const focus = useTimelineFocus({ rows, virtual, scroller, toComposer });
  const lost = useLostWords(focus.lost, conversation);

  const away = virtual.getDistanceFromEnd();
  const isAway = scroller !== null && away > scroller.clientHeight * 1.5;
  const newBelow = isAway ? unseenBelow(messages, items.at(-1)?.index ?? 0, rows) : 0;

  return (
    <TimelineContext value={timeline}>
      <div className="timeline-wrap">
        <FloatingDay rows={rows} items={items} scroller={scroller} now={now} />
        {/* Reachable by its messages; without any, by itself. */}
        <div className="timeline-scroll" ref={setScroller} data-timeline>
          <div className="timeline-room" style={{ blockSize: virtual.getTotalSize() }}>
            <ol
              className="timeline"
              aria-label={t('conversation.messages', { name: conversation.title })}
              style={{ translate: `0 ${items[0]?.start ?? 0}px` }}
              onKeyDown={focus.onKeyDown}
              onFocus={focus.onFocus}
              onBlur={focus.onBlur}
            >
              {items.map((item) => {
                const row = rows[item.index];
                return row ? (
                  <TimelineRow
                    key={row.id}
                    row={row}
                    index={item.index}
                    position={item.index + 1}
                    reachable={row.id === focus.stop}
                    found={row.id === found}
                    now={now}
                    measure={virtual.measureElement}
                    observe={watch.observe}
                    onLeft={left}
                  />
                ) : null;
              })}
            </ol>
          </div>
        </div>
        <div className="sr-only" role="status">
          {lost}
        </div>
        {isAway ? (
          <button
            className="jump"
            type="button"
            aria-label={newBelow > 0 ? undefined : t('conversation.jump.label')}
            onClick={() => {
              virtual.scrollToEnd();
            }}
          >
            <Icon of={ArrowDown} size="1.125rem" />
            {newBelow > 0 ? (
              <span>
                {rich('conversation.jump.new', {
                  n: newBelow,
                  sr: (parts) => (
                    <span className="sr-only" key="sr">
                      {parts}
                    </span>
                  ),
                })}
              </span>
            ) : (
              t('conversation.jump')
            )}
          </button>
        ) : null}
      </div>
    </TimelineContext>
  );
}

/** How many messages of others lie below the last row that is drawn. */
function unseenBelow(messages: MessageView[], lastIndex: number, rows: { id: string }[]): number {
  const below = new Set(rows.slice(lastIndex + 1).map((row) => row.id));
  return messages.filter((message) => !message.own && below.has(message.key)).length;
}
