import type { Engine } from '@wisp/client';
import type { ThunkDispatch, TypedStartListening, UnknownAction } from '@reduxjs/toolkit';
import type { Remembered } from '../features/settings/remembered.js';
import type { RootState } from './root-reducer.js';

/** What listeners act through. */
export interface Dependencies {
  engine: Engine;
  /** Small things that a tab remembers about itself: the theme, an open pane. Never a text. */
  remembered: Remembered;
}

type ListenerDispatch = ThunkDispatch<RootState, unknown, UnknownAction>;

export type StartListening = TypedStartListening<RootState, ListenerDispatch, Dependencies>;
