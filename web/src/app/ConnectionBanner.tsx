import type { ConnectionView } from '@wisp/client';
import { Clock, LogIn, RefreshCw, ShieldAlert, WifiOff } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { useEffect, useState } from 'react';
import { t } from '../strings/index.js';
import { Button } from '../ui/Button.js';
import { Dots } from '../ui/Dots.js';
import { Icon } from '../ui/Icon.js';
import { connectionWanted } from './connection-slice.js';
import { useAppDispatch, useAppSelector } from './hooks.js';
import { ONE_PANE, useMedia } from './use-media.js';

/** Both clocks may be a little off; more than this is shown. */
const SKEW_SHOWN = 2 * 60_000;
/** A reconnection that takes less isn't worth a line. */
const RECONNECT_SHOWN = 1500;

/** On one pane the list stands alone, and has to say it too. */
export function ListBanner() {
  return useMedia(ONE_PANE) ? <ConnectionBanner /> : null;
}

interface Face {
  icon: LucideIcon | 'dots';
  calm: boolean;
  text: string;
  action: { words: string; act: () => void } | null;
}

/** One at a time, in this order: offline, reconnecting, what the server was caught at, clock. */
export function ConnectionBanner() {
  const dispatch = useAppDispatch();
  const { view, network } = useAppSelector((root) => root.connection);
  const caught = useAppSelector((root) => root.account.caught);
  const connecting = view?.state === 'connecting' && view.reason === undefined;
  const slow = useAfter(connecting, RECONNECT_SHOWN);
  const shown: ConnectionView | null =
    view && !network ? { ...view, state: 'offline', reason: 'no-network' } : view;
  const wake = () => dispatch(connectionWanted());
  const face = shown ? (lineFace(shown, slow, wake) ?? standingFace(shown, caught)) : null;

  return (
    <div role="status" className="flex-none empty:hidden">
      {face ? (
        <div className={face.calm ? 'banner calm' : 'banner'}>
          {face.icon === 'dots' ? <Dots /> : <Icon of={face.icon} size="1.125rem" />}
          <span className="min-w-0 flex-1">{face.text}</span>
          {face.action ? (
            <Button look="ghost" size="mini" onClick={face.action.act}>
              {face.action.words}
            </Button>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}

function lineFace(view: ConnectionView, slow: boolean, wake: () => void): Face | null {
  const tryNow = { words: t('banner.tryNow'), act: wake };
  const reload = () => {
    location.reload();
  };
  if (view.state === 'online') return null;
  switch (view.reason) {
    case 'protocol-too-old':
      return {
        icon: RefreshCw,
        calm: false,
        text: t('banner.tooOld'),
        action: { words: t('banner.update'), act: reload },
      };
    case 'session-ended':
      return {
        icon: LogIn,
        calm: false,
        text: t('banner.ended'),
        action: { words: t('banner.signIn'), act: reload },
      };
    case 'server-busy':
      return { icon: WifiOff, calm: false, text: t('banner.busy'), action: null };
    case 'server-away':
      return { icon: WifiOff, calm: false, text: t('banner.away'), action: tryNow };
    case 'no-network':
      return { icon: WifiOff, calm: false, text: t('banner.offline'), action: tryNow };
    case undefined:
      break;
  }
  if (view.state === 'offline') {
    return { icon: WifiOff, calm: false, text: t('banner.offline'), action: tryNow };
  }
  return slow ? { icon: 'dots', calm: true, text: t('banner.reconnecting'), action: null } : null;
}

function standingFace(view: ConnectionView, caught: 'device-list' | 'vault' | null): Face | null {
  if (caught) return { icon: ShieldAlert, calm: false, text: t(`server.caught.${caught}`), action: null };
  const skew = Math.abs(view.clockSkewMs);
  if (skew <= SKEW_SHOWN) return null;
  return {
    icon: Clock,
    calm: false,
    text: t('banner.clock', { n: Math.round(skew / 60_000) }),
    action: null,
  };
}

function useAfter(holds: boolean, after: number): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!holds) return undefined;
    const timer = setTimeout(() => {
      setLate(true);
    }, after);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [holds, after]);
  return holds && late;
}
