import type { ConnectionView, Engine, StartView } from '@wisp/client';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { configureStore, createListenerMiddleware } from '@reduxjs/toolkit';
import type { Username } from '@wisp/protocol';
import type { Remembered } from '../features/settings/remembered.js';
import { startChanged } from '../features/account/account-slice.js';
import { listenToConnection } from './connection-listeners.js';
import { connectionChanged } from './connection-slice.js';
import { rootReducer } from './root-reducer.js';
import type { StartListening } from './start-listening.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const view = (state: ConnectionView['state'], waiting = 0): ConnectionView => ({
  state,
  clockSkewMs: 0,
  waiting,
});
const signedIn = { kind: 'signed-in', account: {} } as StartView;
const signedOut: StartView = { kind: 'signed-out', username: 'ada' as Username };

function openStore() {
  // Nothing here asks the engine or the shelf for anything.
  const listeners = createListenerMiddleware({
    extra: { engine: {} as Engine, remembered: {} as Remembered },
  });
  const store = configureStore({
    reducer: rootReducer,
    middleware: (defaults) => defaults().prepend(listeners.middleware),
  });
  listenToConnection(listeners.startListening as StartListening);
  store.dispatch(startChanged(signedIn));
  store.dispatch(connectionChanged(view('online')));
  return { store, news: () => store.getState().toasts.map((toast) => toast.text) };
}

test('back after a while is news, a blink isn’t', () => {
  const { store, news } = openStore();
  store.dispatch(connectionChanged(view('connecting')));
  jest.advanceTimersByTime(500);
  store.dispatch(connectionChanged(view('online')));
  expect(news()).toEqual([]);

  store.dispatch(connectionChanged(view('offline', 2)));
  jest.advanceTimersByTime(5000);
  store.dispatch(connectionChanged(view('online')));
  expect(news()).toEqual(['Back online. 2 messages sent.']);
});

test.each([
  ['the line ended first', [connectionChanged(view('offline')), startChanged(signedOut)]],
  ['the line ended after it', [startChanged(signedOut), connectionChanged(view('offline'))]],
])('who signs in again wasn’t offline: %s', (_, steps) => {
  const { store, news } = openStore();
  for (const step of steps) store.dispatch(step);
  jest.advanceTimersByTime(60_000);
  store.dispatch(connectionChanged(view('online')));
  store.dispatch(startChanged(signedIn));
  expect(news()).toEqual([]);
});
