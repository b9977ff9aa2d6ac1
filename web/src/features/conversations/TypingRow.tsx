import type { ConversationView } from '@wisp/client';
import { useAppSelector } from '../../app/hooks.js';
import { t } from '../../strings/index.js';
import { Dots } from '../../ui/Dots.js';
import { nameIn } from '../messages/notice-words.js';

/** A row of fixed height, so that nothing shifts; never announced. */
export function TypingRow({ conversation }: { conversation: ConversationView }) {
  const users = useAppSelector((root) => root.messages.typing[conversation.id]);
  if (!users || users.length === 0) return <p className="typing" />;
  const names = users.map((user) => nameIn(conversation, user));
  return (
    <p className="typing">
      <Dots />
      {users.length === 1
        ? t('conversation.typing', { names: names[0] ?? '' })
        : users.length === 2
          ? t('conversation.typing.two', { first: names[0] ?? '', second: names[1] ?? '' })
          : t('conversation.typing.many', { n: users.length })}
    </p>
  );
}
