import type { ConversationView, NoticeView } from '@wisp/client';
import type { UserId } from '@wisp/protocol';
import type { ReactNode } from 'react';
import { rich, t } from '../../strings/index.js';
import { longTimer } from '../composer/timer-words.js';

interface Place {
  conversation: ConversationView;
  own: boolean;
}

type Inline = (parts: ReactNode[]) => ReactNode;

/** A notice in one line of plain text. */
export function noticeText(notice: NoticeView, place: Place): string {
  const plain: Inline = (parts) => parts.map(String).join('');
  const words = noticeWords(notice, place, { b: plain, a: () => '' });
  return (Array.isArray(words) ? words : [words]).map(String).join('').trim();
}

/** A notice with its tags: `b` is weighty, `a` is its one action. */
export function noticeWords(notice: NoticeView, place: Place, tags: { b: Inline; a: Inline }): ReactNode {
  const name = (user: UserId) => nameIn(place.conversation, user);
  switch (notice.kind) {
    case 'created':
      return place.own ? t('notice.created.own') : t('notice.created', { name: name(notice.by) });
    case 'timer-changed': {
      const who = { name: name(notice.by), timer: longTimer(notice.timer, 2) };
      if (notice.timer.mode === 'off') {
        return place.own ? t('notice.timerOff.own') : t('notice.timerOff', who);
      }
      return rich(place.own ? 'notice.timer.own' : 'notice.timer', { ...who, b: tags.b });
    }
    case 'started-over':
      // Whoever was verified is asked about in the composer's place, with the choices that there are.
      return notice.verified
        ? t('notice.startedOver.verified', { name: name(notice.userId) })
        : rich('notice.startedOver', { name: name(notice.userId), a: tags.a });
    case 'account-deleted':
      return t('notice.accountDeleted', { name: name(notice.userId) });
    case 'let-back-in':
      return t('notice.letBackIn');
  }
}

/** How a person is called in a conversation. */
export function nameIn(conversation: ConversationView, user: UserId): string {
  return conversation.members.find((member) => member.userId === user)?.username ?? conversation.title;
}
