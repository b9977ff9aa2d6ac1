import type { ConversationView } from '@wisp/client';
import { CircleAlert, ShieldCheck } from 'lucide-react';
import { memo } from 'react';
import { Link } from 'react-router';
import { listTime } from '../../strings/moments.js';
import { t } from '../../strings/index.js';
import { Avatar } from '../../ui/Avatar.js';
import { Icon } from '../../ui/Icon.js';
import { Ring } from '../../ui/Ring.js';
import { snippetFace, type SnippetFace } from './snippet-words.js';

interface ChatRowProps {
  conversation: ConversationView;
  current: boolean;
  reachable: boolean;
  now: number;
}

export const ChatRow = memo(function ChatRow({ conversation, current, reachable, now }: ChatRowProps) {
  const { peer, title, unread, snippet } = conversation;
  return (
    <Link
      className={unread > 0 ? 'chat unread' : 'chat'}
      to={`/chat/${conversation.id}`}
      aria-current={current ? 'page' : undefined}
      tabIndex={reachable ? 0 : -1}
      data-chat={conversation.id}
    >
      <Avatar id={peer?.userId ?? conversation.id} name={title} />
      <span className="chat-top">
        <span className="name truncate">
          <bdi>{title}</bdi>
        </span>
        {peer?.verified ? <VerifiedMark /> : null}
        {snippet ? (
          <time dateTime={new Date(snippet.at).toISOString()}>{listTime(snippet.at, now)}</time>
        ) : null}
      </span>
      <span className="chat-sub">
        <Snippet face={snippetFace(conversation, !current)} />
        {unread > 0 ? (
          <span className="count">
            <span className="sr-only">{t('chats.unread')} </span>
            {unread}
          </span>
        ) : null}
      </span>
    </Link>
  );
});

export function VerifiedMark() {
  return (
    <span className="text-accent-ink" title={t('chats.verified.tip')}>
      <Icon of={ShieldCheck} size="0.9375rem" />
      <span className="sr-only">{t('chats.verified')}</span>
    </span>
  );
}

function Snippet({ face }: { face: SnippetFace }) {
  switch (face.kind) {
    case 'draft':
      return (
        <>
          <span className="draft">{t('chats.draft')}</span>
          <span className="clip truncate">
            <bdi>{face.text}</bdi>
          </span>
        </>
      );
    case 'failed':
      return (
        <span className="danger flex min-w-0 flex-1 items-center gap-1.5">
          <Icon of={CircleAlert} size="0.875rem" />
          <span className="truncate">
            <bdi>{t('chats.notSent', { text: face.text })}</bdi>
          </span>
        </span>
      );
    case 'held':
      return (
        <span className="danger flex min-w-0 flex-1 items-center gap-1.5">
          <Icon of={CircleAlert} size="0.875rem" />
          <span className="truncate">{t('chats.held')}</span>
        </span>
      );
    case 'gone':
      return (
        <>
          <Ring face={{ kind: 'empty' }} size="0.9375rem" still />
          <span className="clip truncate">{t('chats.gone')}</span>
        </>
      );
    case 'plain':
      return (
        <>
          {face.icon ? <Icon of={face.icon} size="0.875rem" /> : null}
          <span className="clip truncate">
            {face.spoken ? <span className="sr-only">{face.spoken}. </span> : null}
            <bdi>{face.text}</bdi>
          </span>
        </>
      );
  }
}
