import type { Engine } from '@wisp/client';
import { useRef, useState } from 'react';
import { t } from '../../strings/index.js';

/** A username field: its shape is checked on leaving and then on each change, the server is asked on leaving. */
export function useUsername(engine: Engine) {
  const [value, setValue] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [free, setFree] = useState(false);
  const [left, setLeft] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const newest = useRef('');

  const judge = async (name: string): Promise<boolean> => {
    newest.current = name;
    setFree(false);
    if (!(await hasShape(name))) {
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
    value,
    error,
    free,
    field,
    change: (typed: string) => {
      const name = typed.trim().toLowerCase();
      newest.current = name;
      setValue(name);
      setFree(false);
      if (left && error)
        void hasShape(name).then((good) => {
          if (newest.current === name) setError(good ? null : t('register.username.shape'));
        });
    },
    check: () => {
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

/** The rule lives with the protocol; it is fetched when it is first needed. */
async function hasShape(name: string): Promise<boolean> {
  const { username } = await import('@wisp/protocol');
  return username.safeParse(name).success;
}
