import type { ConversationView, MessageView } from '@wisp/client';
import type { LucideIcon } from 'lucide-react';
import { t } from '../../strings/index.js';
import { noticeText } from '../messages/notice-words.js';
import { stateFace } from '../messages/state-words.js';

export type SnippetFace =
  | { kind: 'draft'; text: string }
  | { kind: 'failed'; text: string }
  | { kind: 'held' }
  | { kind: 'gone' }
  | { kind: 'plain'; icon: LucideIcon | null; spoken: string | null; text: string };

const LONGEST = 160;

/** What stands under a name in the chat list: what needs the person first, then the newest message. */
export function snippetFace(conversation: ConversationView, showDraft: boolean): SnippetFace {
  const { snippet, hold, draft, emptied } = conversation;
  if (snippet?.state?.kind === 'failed')
    return { kind: 'failed', text: oneLine(textOf(snippet, conversation)) };
  if (hold && hold.kind !== 'peer-deleted-account' && hold.kind !== 'left') return { kind: 'held' };
  if (showDraft && draft.trim()) return { kind: 'draft', text: oneLine(draft) };
  if (!snippet) {
    return emptied ? { kind: 'gone' } : { kind: 'plain', icon: null, spoken: null, text: t('chats.fresh') };
  }
  const state = snippet.content.kind === 'text' && snippet.state ? stateFace(snippet.state) : null;
  return {
    kind: 'plain',
    icon: state?.icon ?? null,
    spoken: state?.word ?? null,
    text: oneLine(textOf(snippet, conversation)),
  };
}

function textOf(message: MessageView, conversation: ConversationView): string {
  const { content } = message;
  switch (content.kind) {
    case 'text':
      return content.text;
    case 'unknown':
      return t('chats.unknown');
    case 'undecryptable':
      return content.reason === 'waiting' ? t('unopened.waiting') : t('chats.unopened');
    case 'deleted':
      return t('chats.deleted');
    case 'removed-by-server':
      return t('trace.server');
    case 'notice':
      return noticeText(content.notice, { conversation, own: message.own });
  }
}

function oneLine(text: string): string {
  return text.slice(0, LONGEST).replace(/\s+/gu, ' ').trim();
}
