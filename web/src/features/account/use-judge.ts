import { useEffect, useState } from 'react';
import { EngineFailure } from '../../worker/reach-engine.js';
import type * as passwordJudge from './password-judge.js';

export type Judge = typeof passwordJudge;

/** Its dictionaries are large: they are fetched when somebody types a password. */
export async function loadJudge(): Promise<Judge> {
  try {
    return await import('./password-judge.js');
  } catch {
    throw new EngineFailure('offline');
  }
}

/** The password judge, fetched once there is a password; where that fails, the next change asks again. */
export function useJudge(password: string): Judge | null {
  const [judge, setJudge] = useState<Judge | null>(null);
  useEffect(() => {
    if (password === '' || judge) return undefined;
    let alive = true;
    loadJudge().then(
      (loaded) => {
        if (alive) setJudge(loaded);
      },
      // Without it nothing is said about strength; making the account waits for it, and says why.
      () => undefined,
    );
    return () => {
      alive = false;
    };
  }, [password, judge]);
  return judge;
}
