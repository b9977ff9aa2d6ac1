import { useEffect, useState } from 'react';
import { serverNow } from './server-clock.js';

const MINUTE = 60_000;

/** Now, by the server's clock, renewed at each full minute: words for times change no more often. */
export function useMinute(): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const timer = setTimeout(
      () => {
        setNow(serverNow());
      },
      MINUTE - (now % MINUTE) + 20,
    );
    return () => {
      clearTimeout(timer);
    };
  }, [now]);
  return now;
}
