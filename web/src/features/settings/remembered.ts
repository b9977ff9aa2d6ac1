import type { MessageKey } from '@wisp/client';
import type { ConversationId } from '@wisp/protocol';
import type { Theme } from './settings-slice.js';

export interface PendingDeletion {
  conversation: ConversationId;
  key: MessageKey;
}

/** What a browser remembers outside the sealed store: looks, and names of messages that are to go. Never a text. */
export interface Remembered {
  theme(): Theme;
  rememberTheme(theme: Theme): void;
  detailsOpen(): boolean;
  rememberDetails(open: boolean): void;
  pendingDeletions(): PendingDeletion[];
  keepPendingDeletion(deletion: PendingDeletion): void;
  dropPendingDeletion(deletion: PendingDeletion): void;
}

type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const THEME = 'wisp/theme';
const DETAILS = 'wisp/details';
const DELETIONS = 'wisp/deletions';

export function rememberIn(shelf: Shelf): Remembered {
  const deletions = (): PendingDeletion[] =>
    (shelf.getItem(DELETIONS) ?? '')
      .split('\n')
      .filter(Boolean)
      .map((line) => {
        const [conversation = '', key = ''] = line.split(' ');
        return { conversation: conversation as ConversationId, key: key as MessageKey };
      });
  const write = (all: PendingDeletion[]) => {
    if (all.length === 0) shelf.removeItem(DELETIONS);
    else shelf.setItem(DELETIONS, all.map(({ conversation, key }) => `${conversation} ${key}`).join('\n'));
  };

  return {
    theme: () => {
      const theme = shelf.getItem(THEME);
      return theme === 'light' || theme === 'dark' ? theme : 'system';
    },
    rememberTheme: (theme) => {
      shelf.setItem(THEME, theme);
    },
    detailsOpen: () => shelf.getItem(DETAILS) === 'open',
    rememberDetails: (open) => {
      shelf.setItem(DETAILS, open ? 'open' : 'closed');
    },
    pendingDeletions: deletions,
    keepPendingDeletion: (deletion) => {
      write([...deletions(), deletion]);
    },
    dropPendingDeletion: ({ key }) => {
      write(deletions().filter((other) => other.key !== key));
    },
  };
}
