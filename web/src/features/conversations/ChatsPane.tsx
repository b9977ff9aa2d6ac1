import { Search, SquarePen, X } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Link } from 'react-router';
import { ListBanner } from '../../app/ConnectionBanner.js';
import { useAppSelector } from '../../app/hooks.js';
import { t } from '../../strings/index.js';
import { Icon } from '../../ui/Icon.js';
import { IconButton } from '../../ui/IconButton.js';
import { useMinute } from '../messages/use-minute.js';
import { ChatList } from './ChatList.js';
import { selectChats } from './conversations-slice.js';

export function ChatsPane({ current }: { current: string | null }) {
  const state = useAppSelector((root) => root.conversations);
  const chats = useMemo(() => selectChats(state), [state]);
  const [wanted, setWanted] = useState('');
  const now = useMinute();
  const needle = wanted.trim().toLowerCase();
  const found = needle ? chats.filter((chat) => chat.title.toLowerCase().includes(needle)) : chats;

  return (
    <section className="pane-list" aria-label={t('chats.title')} data-area>
      <header className="bar">
        <h2 className="min-w-0 flex-1">{t('chats.title')}</h2>
        <Link className="icon-btn" to="/new" aria-label={t('chats.new')} title={t('chats.new')}>
          <Icon of={SquarePen} />
        </Link>
      </header>
      <ListBanner />
      {chats.length > 0 ? (
        <div className="search" role="search">
          <Icon of={Search} size="1.125rem" />
          <input
            className="input"
            type="search"
            data-search
            placeholder={t('chats.search.placeholder')}
            aria-label={t('chats.search')}
            value={wanted}
            onChange={(event) => {
              setWanted(event.target.value);
            }}
          />
          {wanted ? (
            <IconButton
              icon={X}
              size="1rem"
              label={t('chats.search.clear')}
              onClick={() => {
                setWanted('');
              }}
            />
          ) : null}
        </div>
      ) : null}
      {found.length > 0 ? (
        <ChatList chats={found} current={current} now={now} />
      ) : state.loaded ? (
        <div className="empty content-start pt-6">
          <p className="hint">{chats.length === 0 ? t('chats.none') : t('chats.noMatch')}</p>
        </div>
      ) : null}
    </section>
  );
}
