import { MessagesSquare, SlidersHorizontal } from 'lucide-react';
import { useEffect, type ReactNode } from 'react';
import { Link } from 'react-router';
import { selectChats } from '../features/conversations/conversations-slice.js';
import { t } from '../strings/index.js';
import { Avatar } from '../ui/Avatar.js';
import { Icon } from '../ui/Icon.js';
import { Mark } from '../ui/Logo.js';
import { useAppSelector } from './hooks.js';

interface ShellProps {
  /** The page's name. */
  title: string;
  /** The pane that one pane shows. */
  pane: 'list' | 'main' | 'details';
  place: 'chats' | 'settings';
  hasDetails?: boolean;
  keepRail?: boolean;
  hasComposer?: boolean;
  account: { userId: string; username: string };
  children: ReactNode;
}

/** Rail, list, timeline, details; one of them at a time below 720 px. */
export function Shell(props: ShellProps) {
  const { title, pane, place, hasDetails, keepRail, hasComposer, account, children } = props;
  const classes = ['app', hasDetails ? 'has-details' : '', keepRail ? 'keep-rail' : '']
    .filter(Boolean)
    .join(' ');
  const unread = useAppSelector((root) =>
    selectChats(root.conversations).reduce((sum, chat) => sum + chat.unread, 0),
  );
  useEffect(() => {
    document.title = unread > 0 ? t('title.unread', { title, n: unread }) : t('title.page', { title });
    return () => {
      document.title = t('app.name');
    };
  }, [title, unread]);

  return (
    <>
      {hasComposer ? (
        <button
          type="button"
          className="skip"
          onClick={() => {
            document.getElementById('message')?.focus();
          }}
        >
          {t('nav.skip')}
        </button>
      ) : null}
      <div className={classes} data-pane={pane}>
        <Rail place={place} account={account} unread={unread} />
        <main className="panes">
          <h1 className="sr-only">{title}</h1>
          {children}
        </main>
      </div>
    </>
  );
}

function Rail({ place, account, unread }: Pick<ShellProps, 'place' | 'account'> & { unread: number }) {
  return (
    <nav className="rail" aria-label={t('nav.label')} data-area>
      <span className="rail-mark">
        <Mark />
      </span>
      <Link
        className="rail-item"
        to="/"
        aria-current={place === 'chats' ? 'page' : undefined}
        title={t('nav.chats')}
      >
        <Icon of={MessagesSquare} size="1.375rem" />
        <span className="rail-label">{t('nav.chats')}</span>
        {unread > 0 && place !== 'chats' ? (
          <span className="count">
            <span className="sr-only">{t('chats.unread')} </span>
            {unread}
          </span>
        ) : null}
      </Link>
      <Link
        className="rail-item to-end keep"
        to="/settings"
        aria-current={place === 'settings' ? 'page' : undefined}
        title={t('nav.settings')}
      >
        <Icon of={SlidersHorizontal} size="1.375rem" />
        <span className="rail-label">{t('nav.settings')}</span>
      </Link>
      <Link
        className="rail-item only-wide"
        to="/settings/account"
        title={t('nav.you', { name: account.username })}
      >
        <Avatar id={account.userId} name={account.username} size="s" />
        <span className="rail-label">{t('nav.you', { name: account.username })}</span>
      </Link>
    </nav>
  );
}
