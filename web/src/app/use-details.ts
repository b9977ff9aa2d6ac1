import type { MessageView } from '@wisp/client';
import { useCallback, useState } from 'react';
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

  const open = useCallback(() => {
    setInfoKey(null);
    if (beside) dispatch(detailsToggled(true));
    else lay('details');
  }, [beside, dispatch, lay]);

  const close = useCallback(() => {
    setInfoKey(null);
    if (!beside) {
      stepBack();
      return;
    }
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
    setInfoKey(null);
    if (!beside) stepBack();
  }, [beside, stepBack]);

  return {
    over: !beside,
    isOpen: beside ? remembered : layer === 'details',
    /** The message whose details are wanted. */
    infoKey: beside || layer === 'info' ? infoKey : null,
    open,
    close,
    inform,
    closeInfo,
  };
}
