import { useEffect, useState } from 'react';
import type * as passwordJudge from './password-judge.js';

export type Judge = typeof passwordJudge;

/** Its dictionaries are large: they are fetched when somebody types a password. */
export const loadJudge = (): Promise<Judge> => import('./password-judge.js');

/** The password judge, fetched once it is `wanted`. */
export function useJudge(wanted: boolean): Judge | null {
  const [judge, setJudge] = useState<Judge | null>(null);
  useEffect(() => {
    if (!wanted) return undefined;
    let alive = true;
    void loadJudge().then((loaded) => {
      if (alive) setJudge(loaded);
    });
    return () => {
      alive = false;
    };
  }, [wanted]);
  return judge;
}
