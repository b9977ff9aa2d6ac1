import type { ConversationView } from '@wisp/client';
import { useEffect, useState } from 'react';
import { t } from '../../strings/index.js';
import { nameIn } from './notice-words.js';

const EMPTIED_AFTER = 5000;

/** Dying messages are silent, but for the one that has the focus. `lost` is its key: `author:messageId`. */
export function useLostWords(lost: string | null, conversation: ConversationView): string {
  const [words, setWords] = useState('');
  const author = lost?.split(':')[0];
  const name = conversation.members.find((member) => member.userId === author)?.userId;
  useEffect(() => {
    if (name) setWords(t('conversation.log.gone', { name: nameIn(conversation, name) }));
  }, [name, conversation]);
  useEffect(() => {
    if (words === '') return undefined;
    const timer = setTimeout(() => {
      setWords('');
    }, EMPTIED_AFTER);
    return () => {
      clearTimeout(timer);
    };
  }, [words]);
  return words;
}
