import type { Engine } from '@wisp/client';
import { useRef, useState } from 'react';
import { t } from '../../strings/index.js';

/**
 * A username field: its shape is checked on leaving and then on each change, the server is asked on leaving. What is
 * typed stays as it is typed, or the caret would jump; on leaving it takes its true form, in small letters.
 */
export function useUsername(engine: Engine) {
  const [typed, setTyped] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [free, setFree] = useState(false);
  const [left, setLeft] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const newest = useRef('');
  const value = typed.trim().toLowerCase();

  const judge = async (name: string): Promise<boolean> => {
    newest.current = name;
    setFree(false);
    if ((await hasShape(name)) === false) {
      if (newest.current === name) setError(t('register.username.shape'));
      return false;
    }
    try {
      const answer = await engine.checkUsername(name);
      if (newest.current !== name) return false;
      setFree(answer.free);
      setError(answer.free ? null : t('register.username.taken'));
      return answer.free;
    } catch {
      // Whether it is free shows at the latest when the account is made.
      if (newest.current === name) setError(null);
      return true;
    }
  };

  return {
    /** What stands in the field. */
    typed,
    /** The name that it means. */
    value,
    error,
    free,
    field,
    change: (text: string) => {
      const name = text.trim().toLowerCase();
      newest.current = name;
      setTyped(text);
      setFree(false);
      if (left && error)
        void hasShape(name).then((good) => {
          if (newest.current === name) setError(good === false ? t('register.username.shape') : null);
        });
    },
    check: () => {
      setTyped(value);
      if (!value) return;
      setLeft(true);
      void judge(value);
    },
    isUsable: () => judge(value),
    refuse: () => {
      setError(t('register.username.taken'));
      setFree(false);
      field.current?.focus();
    },
  };
}

/** The rule lives with the protocol; it is fetched when it is first needed. Null: it couldn't be. */
async function hasShape(name: string): Promise<boolean | null> {
  try {
    const { username } = await import('@wisp/protocol');
    return username.safeParse(name).success;
  } catch {
    return null;
  }
}
