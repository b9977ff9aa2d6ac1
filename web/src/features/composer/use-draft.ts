import type { ConversationView } from '@wisp/client';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useAppDispatch } from '../../app/hooks.js';
import { draftChanged, writingNoticed } from './composer-listeners.js';

const PAUSE = 400;
/** Others are told at most this often that somebody writes. */
const TYPING_EVERY = 3000;

/** The words in the field: kept by the engine, so that they survive a reload and die with the store. */
export function useDraft(conversation: ConversationView) {
  const dispatch = useAppDispatch();
  const { id, draft } = conversation;
  const [text, setText] = useState(draft);
  const [known, setKnown] = useState(draft);
  const unsaved = useRef<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const toldAt = useRef(0);

  // The engine gives words back that couldn't be sent, and brings those of another tab.
  if (draft !== known) {
    setKnown(draft);
    if (text === '' && draft !== '') setText(draft);
  }

  const flush = useCallback(() => {
    if (timer.current !== null) clearTimeout(timer.current);
    timer.current = null;
    if (unsaved.current === null) return;
    dispatch(draftChanged({ conversation: id, text: unsaved.current }));
    unsaved.current = null;
  }, [dispatch, id]);

  useEffect(() => {
    window.addEventListener('pagehide', flush);
    document.addEventListener('visibilitychange', flush);
    return () => {
      window.removeEventListener('pagehide', flush);
      document.removeEventListener('visibilitychange', flush);
      flush();
    };
  }, [flush]);

  const tell = (on: boolean) => {
    const at = performance.now();
    if (on && at - toldAt.current < TYPING_EVERY) return;
    if (!on && toldAt.current === 0) return;
    toldAt.current = on ? at : 0;
    dispatch(writingNoticed({ conversation: id, on }));
  };

  return {
    text,
    change: (typed: string) => {
      setText(typed);
      setKnown(draft);
      unsaved.current = typed;
      if (timer.current !== null) clearTimeout(timer.current);
      timer.current = setTimeout(flush, PAUSE);
      tell(typed !== '');
    },
    /** Empties the field after sending. */
    clear: () => {
      setText('');
      unsaved.current = '';
      flush();
      tell(false);
    },
  };
}
