import type { MessageKey } from '@wisp/client';
import { Trash2 } from 'lucide-react';
import { memo, useEffect, useRef, useState, type AnimationEvent, type KeyboardEvent } from 'react';
import { dayLabel } from '../../strings/moments.js';
import { t } from '../../strings/index.js';
import { Icon } from '../../ui/Icon.js';
import { Bubble } from './Bubble.js';
import type { LeavingRow } from './leaving.js';
import { actOnMessage, MessageItem } from './MessageItem.js';
import { GoneLine, NoticeLine } from './NoticeLine.js';
import { nameIn } from './notice-words.js';
import { useTimeline } from './timeline-actions.js';
import type { MessageRow, Row, TraceRow } from './timeline-rows.js';

interface TimelineRowProps {
  row: Row | LeavingRow;
  index: number;
  /** Its place among all rows that are loaded, from 1. */
  position: number;
  reachable: boolean;
  found: boolean;
  now: number;
  measure: (element: HTMLElement | null) => void;
  observe: (element: HTMLElement, key: MessageKey) => () => void;
  onLeft: (id: string) => void;
}

/** One `<li>` of the timeline. */
export const TimelineRow = memo(function TimelineRow(props: TimelineRowProps) {
  const { row, index, position, measure } = props;
  const item = { ref: measure, 'data-index': index };
  const place = { 'aria-posinset': position, 'aria-setsize': -1 };
  switch (row.kind) {
    case 'day':
      return (
        <li {...item}>
          <span className="day">{dayLabel(row.at, props.now)}</span>
        </li>
      );
    case 'unread':
      return (
        <li {...item}>
          <span className="unread-line">{t('message.new', { n: row.count })}</span>
        </li>
      );
    case 'notice':
      return (
        <li {...item} {...place}>
          <NoticeLine message={row.message} />
        </li>
      );
    case 'line':
      return (
        <li {...item} {...place}>
          <GoneLine words={row.words} />
        </li>
      );
    case 'trace':
      return (
        <li {...item} {...place} className={classesOf(row)}>
          <Trace row={row} />
        </li>
      );
    case 'message':
      return <MessageLine {...props} row={row} />;
    case 'leaving':
      return <LeavingLine {...props} row={row} />;
  }
});

function MessageLine({
  row,
  index,
  position,
  reachable,
  found,
  measure,
  observe,
}: TimelineRowProps & { row: MessageRow }) {
  const timeline = useTimeline();
  const ref = useRef<HTMLLIElement>(null);
  const { key } = row.message;
  useEffect(() => (ref.current ? observe(ref.current, key) : undefined), [observe, key]);

  return (
    <li
      ref={(element) => {
        ref.current = element;
        measure(element);
      }}
      data-index={index}
      data-key={key}
      aria-posinset={position}
      aria-setsize={-1}
      tabIndex={reachable ? 0 : -1}
      className={found ? `${classesOf(row)} is-found` : classesOf(row)}
      onKeyDown={(event: KeyboardEvent<HTMLLIElement>) => {
        if (event.target !== event.currentTarget) return;
        if (actOnMessage(event, row.message, timeline)) {
          event.preventDefault();
          event.stopPropagation();
        }
      }}
    >
      <MessageItem row={row} />
    </li>
  );
}

/** Breaks into dots, then closes; it is inert, and out of the page when that ends. */
function LeavingLine({ row, index, measure, onLeft }: TimelineRowProps & { row: LeavingRow }) {
  const { conversation, me } = useTimeline();
  const [closing, setClosing] = useState(false);
  const ref = useRef<HTMLLIElement>(null);

  const close = (event: AnimationEvent) => {
    const line = ref.current;
    if (closing || !line || !isLeaving(event.animationName)) return;
    line.style.blockSize = `${line.offsetHeight}px`;
    setClosing(true);
    requestAnimationFrame(() => {
      line.style.blockSize = '0px';
    });
  };

  return (
    <li
      ref={(element) => {
        ref.current = element;
        measure(element);
      }}
      data-index={index}
      inert
      aria-hidden
      onAnimationEnd={close}
      className={closing ? `${classesOf(row.row)} closing` : classesOf(row.row)}
      onTransitionEnd={(event) => {
        if (event.target === event.currentTarget && event.propertyName === 'block-size') onLeft(row.id);
      }}
    >
      <div className="bubble-row">
        <Bubble
          message={row.row.message}
          conversation={conversation}
          me={me}
          showsTime={row.row.place === 'solo' || row.row.place === 'last'}
          onJump={ignore}
          dissolving
        />
      </div>
    </li>
  );
}

function isLeaving(animation: string): boolean {
  return animation === 'w-dissolve' || animation === 'w-fade';
}

function ignore(): void {
  // A leaving message answers to nothing.
}

function Trace({ row }: { row: TraceRow }) {
  const { conversation, me } = useTimeline();
  const n = row.keys.length;
  return (
    <div className="ghost">
      <Icon of={Trash2} size="0.875rem" />
      {row.by === me ? t('trace.own', { n }) : t('trace.other', { name: nameIn(conversation, row.by), n })}
    </div>
  );
}

function classesOf(row: MessageRow | TraceRow): string {
  const classes = ['msg', row.place];
  if (row.place === 'solo' || row.place === 'first') classes.push('run');
  if (row.kind === 'trace') return row.own ? [...classes, 'own'].join(' ') : classes.join(' ');
  const { message } = row;
  if (message.own) classes.push('own');
  if (message.state?.kind === 'sending' || message.state?.kind === 'asks') classes.push('pending');
  if (message.state?.kind === 'failed') classes.push('failed');
  if (message.content.kind !== 'text') classes.push('undecryptable');
  return classes.join(' ');
}
