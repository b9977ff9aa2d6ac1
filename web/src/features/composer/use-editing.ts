import type { MessageView } from '@wisp/client';
import { useState } from 'react';
import { wordsFor } from '../../app/failure-words.js';
import { useAppDispatch, useEngine } from '../../app/hooks.js';
import { troubleArrived } from '../../app/toasts-slice.js';
import { t } from '../../strings/index.js';

/** New words for an own message. They aren't a draft: nothing keeps them, and they go when the message goes. */
export function useEditing(message: MessageView | null, onEnd: () => void) {
  const engine = useEngine();
  const dispatch = useAppDispatch();
  const [editing, setEditing] = useState<MessageView['key'] | null>(null);
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const before = message?.content.kind === 'text' ? message.content.text : null;

  const key = before === null ? null : (message?.key ?? null);
  if (key !== editing) {
    setEditing(key);
    setText(before ?? '');
  }

  const save = async () => {
    const words = text.trim();
    if (!message || busy || words === '') return;
    if (words === before) {
      onEnd();
      return;
    }
    setBusy(true);
    try {
      await engine.edit({ conversation: message.conversation, key: message.key, text: words });
      onEnd();
    } catch (error) {
      // The message is as before, and what was typed is still in the field.
      dispatch(troubleArrived(`${t('composer.editing.failed')} ${wordsFor(error)}`));
    }
    setBusy(false);
  };

  return key === null ? null : { text, change: setText, save };
}
