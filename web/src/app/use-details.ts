import type { MessageView } from '@wisp/client';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { detailsToggled } from '../features/settings/settings-slice.js';
import { useAppDispatch, useAppSelector } from './hooks.js';
import { useMedia } from './use-media.js';

/** From here on details stand beside the timeline and stay as the person left them. */
const BESIDE = '(min-width: 75rem)';

type Layer = 'details' | 'info';

/**
 * The pane at the end: the chat's details, or those of one message. Beside the timeline it is furniture; over it, it
 * is a step of the way there, so that the browser's and the phone's Back close it.
 */
export function useDetails(id: string) {
  const dispatch = useAppDispatch();
  const navigate = useNavigate();
  const location = useLocation();
  const { pathname } = location;
  const layer: unknown = location.state;
  const remembered = useAppSelector((root) => root.settings.detailsOpen);
  const beside = useMedia(BESIDE);
  const [infoKey, setInfoKey] = useState<MessageView['key'] | null>(null);

  // Another chat starts on its timeline.
  const [shownId, setShownId] = useState(id);
  if (shownId !== id) {
    setShownId(id);
    setInfoKey(null);
  }

  const lay = useCallback(
    (wanted: Layer) => {
      if (layer !== wanted) void navigate(pathname, { state: wanted });
    },
    [navigate, pathname, layer],
  );
  const stepBack = useCallback(() => {
    void navigate(-1);
  }, [navigate]);

  const informed = useAppSelector((root) => (infoKey ? root.messages.entities[infoKey] : undefined));
  const info = (beside || layer === 'info') && informed?.content.kind === 'text' ? informed : null;

  // The step stands and its message doesn't: it has gone, or the page was loaded anew.
  const steppedFrom = useRef<string | null>(null);
  const isEmptyStep = !beside && layer === 'info' && info === null;
  useEffect(() => {
    if (!isEmptyStep || steppedFrom.current === location.key) return;
    steppedFrom.current = location.key;
    stepBack();
  }, [isEmptyStep, location.key, stepBack]);

  const open = useCallback(() => {
    if (!beside) {
      lay('details');
      return;
    }
    setInfoKey(null);
    dispatch(detailsToggled(true));
  }, [beside, dispatch, lay]);

  const close = useCallback(() => {
    if (!beside) {
      stepBack();
      return;
    }
    setInfoKey(null);
    dispatch(detailsToggled(false));
    document.querySelector<HTMLElement>('[data-details]')?.focus();
  }, [beside, dispatch, stepBack]);

  const inform = useCallback(
    ({ key }: MessageView) => {
      setInfoKey(key);
      if (!beside) lay('info');
    },
    [beside, lay],
  );

  const closeInfo = useCallback(() => {
    if (beside) setInfoKey(null);
    else stepBack();
  }, [beside, stepBack]);

  return {
    over: !beside,
    isOpen: beside ? remembered : layer === 'details',
    /** The message whose details are wanted. */
    info,
    open,
    close,
    inform,
    closeInfo,
  };
}
