import type { Engine } from '@wisp/client';
import { createContext, useContext } from 'react';
import { useDispatch, useSelector } from 'react-redux';
import type { RootState } from './root-reducer.js';
import type { AppDispatch } from './store.js';

export const useAppDispatch = useDispatch.withTypes<AppDispatch>();
export const useAppSelector = useSelector.withTypes<RootState>();

export const EngineContext = createContext<Engine | null>(null);

/** For forms whose answers must not pass through the store: passwords, the words of a recovery key. */
export function useEngine(): Engine {
  const engine = useContext(EngineContext);
  if (!engine) throw new Error('no engine around this component');
  return engine;
}
