import { useEffect, useState } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { selectChats } from '../features/conversations/conversations-slice.js';
import { ShortcutsDialog } from '../features/settings/Shortcuts.js';
import { useAppSelector } from './hooks.js';
import { keyCommand, nextArea, nextChat } from './key-commands.js';

/** The keys that act everywhere. Each has a visible control too. */
export function useKeys() {
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const conversations = useAppSelector((root) => root.conversations);
  const [showsList, setShowsList] = useState(false);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const command = keyCommand(event);
      if (!command || document.querySelector('dialog[open]')) return;
      switch (command.kind) {
        case 'search':
          document.querySelector<HTMLElement>('[data-search]')?.focus();
          break;
        case 'shortcuts':
          setShowsList(true);
          break;
        case 'new-chat':
          void navigate('/new');
          break;
        case 'details':
          document.querySelector<HTMLElement>('[data-details]')?.click();
          break;
        case 'timer':
          document.querySelector<HTMLElement>('.composer .chip')?.click();
          break;
        case 'area':
          nextArea(command.step)?.focus();
          break;
        case 'chat': {
          const id = nextChat(selectChats(conversations), pathname.replace('/chat/', ''), command);
          if (id) void navigate(`/chat/${id}`);
          break;
        }
      }
      event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => {
      window.removeEventListener('keydown', onKey);
    };
  }, [navigate, pathname, conversations]);

  return {
    dialog: showsList ? (
      <ShortcutsDialog
        onClose={() => {
          setShowsList(false);
        }}
      />
    ) : null,
  };
}
