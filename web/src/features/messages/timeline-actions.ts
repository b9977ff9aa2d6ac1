import type { ConversationView, MessageKey, MessageView } from '@wisp/client';
import { createContext, useContext } from 'react';

/** What a row of the timeline can ask for; one object per timeline, so rows can be memoised. */
export interface TimelineActions {
  conversation: ConversationView;
  me: string;
  online: boolean;
  reply: (message: MessageView) => void;
  /** Null while nothing can be written here. */
  edit: ((message: MessageView) => void) | null;
  copy: (message: MessageView) => void;
  info: (message: MessageView) => void;
  askDelete: (message: MessageView) => void;
  retry: (message: MessageView) => void;
  askAgain: (message: MessageView) => void;
  explainRefused: (message: MessageView) => void;
  compare: () => void;
  changeTimer: () => void;
  jump: (key: MessageKey) => void;
}

export const TimelineContext = createContext<TimelineActions | null>(null);

export function useTimeline(): TimelineActions {
  const actions = useContext(TimelineContext);
  if (!actions) throw new Error('no timeline around this row');
  return actions;
}
