import type { ConversationView } from '@wisp/client';
import { useCallback, useEffect, useReducer, useRef, useState } from 'react';
import { useAppDispatch, useEngine } from '../../app/hooks.js';
import { writingNoticed } from './composer-listeners.js';
import { draftField, stepDraft } from './draft-field.js';

const PAUSE = 400;
/** Others are told at most this often that somebody writes. */
const TYPING_EVERY = 3000;

/** The words in the field: kept by the engine, so that they survive a reload and die with the store. */
export function useDraft(conversation: ConversationView) {
  const engine = useEngine();
  const dispatch = useAppDispatch();
  const { id, draft } = conversation;
  const [field, step] = useReducer(stepDraft, draft, draftField);
  const [known, setKnown] = useState(draft);
  const unsaved = useRef<{ text: string; change: number } | null>(null);
  const changes = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const toldAt = useRef(0);

  // The engine gives words back that couldn't be sent, and brings those of another tab.
  if (draft !== known) {
    setKnown(draft);
    step({ kind: 'arrived', draft });
  }

  const flush = useCallback(() => {
    if (timer.current !== null) clearTimeout(timer.current);
    timer.current = null;
    if (unsaved.current === null) return;
    const { text, change } = unsaved.current;
    unsaved.current = null;
    engine.saveDraft({ conversation: id, text }).then(
      () => {
        step({ kind: 'saved', change });
      },
      // Signed out meanwhile: there is nothing left to keep it in.
      () => undefined,
    );
  }, [engine, id]);

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

  const take = (text: string) => {
    changes.current += 1;
    unsaved.current = { text, change: changes.current };
    step({ kind: 'typed', text, change: changes.current });
  };

  return {
    text: field.text,
    change: (typed: string) => {
      take(typed);
      if (timer.current !== null) clearTimeout(timer.current);
      timer.current = setTimeout(flush, PAUSE);
      tell(typed !== '');
    },
    /** Empties the field after sending. */
    clear: () => {
      take('');
      flush();
      tell(false);
    },
  };
}
