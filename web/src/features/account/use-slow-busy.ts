import { useEffect, useState } from 'react';

/** The words on a busy button: the first ones, and after a second what it is really doing. */
export function useSlowBusy(busy: boolean, first: string, afterASecond: string): string | null {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    if (!busy) return undefined;
    const timer = setTimeout(() => {
      setSlow(true);
    }, 1000);
    return () => {
      clearTimeout(timer);
      setSlow(false);
    };
  }, [busy]);
  if (!busy) return null;
  return slow ? afterASecond : first;
}
