import type { ConversationView, MessageView } from '@wisp/client';
import { useEffect, useMemo, useState, type Ref } from 'react';
import { useAppSelector } from '../../app/hooks.js';
import { t } from '../../strings/index.js';
import { Empty } from '../../ui/Empty.js';
import { longTimer } from '../composer/timer-words.js';
import { MessageList, type TimelineHandle } from '../messages/MessageList.js';
import { selectMessages } from '../messages/messages-slice.js';
import { GoneLine } from '../messages/NoticeLine.js';
import type { TimelineActions } from '../messages/timeline-actions.js';
import { Skeleton } from './Skeleton.js';

interface ConversationBodyProps {
  conversation: ConversationView;
  actions: Omit<TimelineActions, 'jump'>;
  toComposer: () => void;
  timeline: Ref<TimelineHandle>;
}

/** The last message dissolves before its place says that everything has gone. */
const LAST_DISSOLVES = 720;

export function ConversationBody({ conversation, actions, toComposer, timeline }: ConversationBodyProps) {
  const state = useAppSelector((root) => root.messages);
  const mine = state.open === conversation.id;
  const messages = useMemo(() => selectMessages(state), [state]);
  const said = messages.some((message) => isSaid(message) && !state.hidden.includes(message.key));
  const noticed = messages.some((message) => isWorthShowing(message, conversation));
  const empty = mine && state.loaded && !said && !noticed;
  const settled = useSettled(empty, said || noticed, LAST_DISSOLVES);

  if (!mine || !state.loaded) return <Skeleton />;
  if (empty && settled) return <EmptyConversation conversation={conversation} />;
  return <MessageList ref={timeline} conversation={conversation} actions={actions} toComposer={toComposer} />;
}

function isSaid({ content }: MessageView): boolean {
  return content.kind !== 'notice';
}

/** Once everything said has gone, the notices around it say nothing any more. */
function isWorthShowing({ content }: MessageView, conversation: ConversationView): boolean {
  if (content.kind !== 'notice' || content.notice.kind === 'created') return false;
  return !conversation.emptied || content.notice.kind !== 'timer-changed';
}

/** Holds at once where there was nothing before, else after it has held for a while. */
function useSettled(holds: boolean, something: boolean, after: number): boolean {
  const [settled, setSettled] = useState(true);
  if (something && settled) setSettled(false);
  useEffect(() => {
    if (!holds) return undefined;
    const timer = setTimeout(
      () => {
        setSettled(true);
      },
      document.hidden ? 0 : after,
    );
    return () => {
      clearTimeout(timer);
    };
  }, [holds, after]);
  return holds && settled;
}

function EmptyConversation({ conversation }: { conversation: ConversationView }) {
  const { timer, emptied, goneAt } = conversation;
  const place = emptied ? 'gone' : 'empty';
  return (
    <Empty
      title={t(`conversation.${place}.title`)}
      text={
        timer.mode === 'off'
          ? t(`conversation.${place}.off`)
          : t(`conversation.${place}.on`, { timer: longTimer(timer, 1) })
      }
    >
      {goneAt === null ? null : <GoneLine words="trace.away" />}
    </Empty>
  );
}
