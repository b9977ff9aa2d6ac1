import type { AccountView } from '@wisp/client';
import { Navigate, Route, Routes, useParams } from 'react-router';
import { RegisterPage } from '../features/account/RegisterPage.js';
import { SignInPage } from '../features/account/SignInPage.js';
import { ChatsPane } from '../features/conversations/ChatsPane.js';
import { selectChats } from '../features/conversations/conversations-slice.js';
import { FirstRun, NoChatOpen } from '../features/conversations/FirstRun.js';
import { NewChatPane } from '../features/conversations/NewChatPane.js';
import { sectionOf, SettingsList, SettingsPane } from '../features/settings/SettingsScreen.js';
import { t } from '../strings/index.js';
import { Empty } from '../ui/Empty.js';
import { ChatScreen } from './ChatScreen.js';
import { ConnectionBanner } from './ConnectionBanner.js';
import { useAppSelector } from './hooks.js';
import { Shell } from './Shell.js';
import { useKeys } from './use-keys.js';
import { usePaneFocus } from './use-pane-focus.js';

interface AccountRoutesProps {
  unproven: boolean;
  /** Whose sealed store stands here. */
  kept: string | null;
}

/** Before somebody is signed in. One set of routes for all of that time, so that a form keeps what it holds. */
export function AccountRoutes({ unproven, kept }: AccountRoutesProps) {
  const home = unproven || kept === null ? '/register' : '/sign-in';
  return (
    <Routes>
      <Route path="/register" element={<RegisterPage unproven={unproven} />} />
      <Route
        path="/sign-in"
        element={unproven ? <Navigate to="/register" replace /> : <SignInPage key={kept} kept={kept} />}
      />
      <Route path="*" element={<Navigate to={home} replace />} />
    </Routes>
  );
}

export function ChatRoutes({ account }: { account: AccountView }) {
  const keys = useKeys();
  usePaneFocus();
  return (
    <>
      <Routes>
        <Route path="/" element={<Home account={account} />} />
        <Route path="/new" element={<NewChat account={account} />} />
        <Route path="/chat/:id" element={<ChatScreen account={account} />} />
        <Route path="/settings" element={<Settings account={account} />} />
        <Route path="/settings/:section" element={<Settings account={account} />} />
        <Route path="*" element={<Navigate to="/" replace />} />
      </Routes>
      {keys.dialog}
    </>
  );
}

function Home({ account }: { account: AccountView }) {
  const loaded = useAppSelector((root) => root.conversations.loaded);
  const any = useAppSelector((root) => selectChats(root.conversations).length > 0);
  return (
    <Shell
      title={t('nav.chats')}
      pane={loaded && !any ? 'main' : 'list'}
      place="chats"
      keepRail
      account={account}
    >
      <ChatsPane current={null} />
      <section className="pane-main" aria-label={t('conversation.pane')} data-area>
        <ConnectionBanner />
        {loaded ? any ? <NoChatOpen /> : <FirstRun username={account.username} /> : null}
      </section>
    </Shell>
  );
}

function NewChat({ account }: { account: AccountView }) {
  return (
    <Shell title={t('new.title')} pane="list" place="chats" account={account}>
      <NewChatPane />
      <section className="pane-main" aria-label={t('conversation.pane')} data-area>
        <ConnectionBanner />
        <Empty title={t('new.who')} text={t('new.who.text')} />
      </section>
    </Shell>
  );
}

function Settings({ account }: { account: AccountView }) {
  const { section } = useParams();
  const chosen = sectionOf(section);
  return (
    <Shell title={t('settings.title')} pane={chosen ? 'main' : 'list'} place="settings" account={account}>
      <SettingsList current={chosen ?? 'account'} />
      <SettingsPane section={chosen ?? 'account'} />
    </Shell>
  );
}
