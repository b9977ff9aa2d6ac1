import type { ConversationView } from '@wisp/client';
import { useEffect, useRef, useState } from 'react';
import { useAppSelector } from '../../app/hooks.js';
import { t } from '../../strings/index.js';
import { nameIn } from './notice-words.js';

const EMPTIED_AFTER = 5000;
const A_FLOOD = 1000;

/** Says what came in; emptied soon, so that nothing stays here longer than in the timeline. */
export function SpokenLog({ conversation }: { conversation: ConversationView }) {
  const newest = useAppSelector((root) => {
    const key = root.messages.newest;
    return key === null ? null : (root.messages.entities[key] ?? null);
  });
  const [said, setSaid] = useState('');
  const flood = useRef({ at: 0, count: 0 });

  const key = newest?.key ?? null;
  const words =
    newest?.content.kind === 'text'
      ? t('conversation.log.says', { name: nameIn(conversation, newest.author), text: newest.content.text })
      : '';
  useEffect(() => {
    if (key === null || words === '') {
      setSaid('');
      return undefined;
    }
    const at = performance.now();
    const { current } = flood;
    current.count = at - current.at < A_FLOOD ? current.count + 1 : 1;
    current.at = at;
    setSaid(current.count > 1 ? t('conversation.log.many', { n: current.count }) : words);
    const timer = setTimeout(() => {
      setSaid('');
    }, EMPTIED_AFTER);
    return () => {
      clearTimeout(timer);
    };
  }, [key, words]);

  return (
    <div className="sr-only" role="log" aria-live="polite" aria-label={t('conversation.log')}>
      {said}
    </div>
  );
}
