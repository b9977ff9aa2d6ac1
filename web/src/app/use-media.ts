import { useCallback, useSyncExternalStore } from 'react';

/** Only one of list, chat and details is shown. */
export const ONE_PANE = '(max-width: 44.99rem)';

export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (notify: () => void) => {
      const list = matchMedia(query);
      list.addEventListener('change', notify);
      return () => {
        list.removeEventListener('change', notify);
      };
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches);
}
