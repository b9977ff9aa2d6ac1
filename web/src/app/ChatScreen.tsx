import type { AccountView } from '@wisp/client';
import { useCallback } from 'react';
import { useParams } from 'react-router';
import { ChatsPane } from '../features/conversations/ChatsPane.js';
import { ConversationPane } from '../features/conversations/ConversationPane.js';
import { selectChat } from '../features/conversations/conversations-slice.js';
import { DetailsPane } from '../features/conversations/DetailsPane.js';
import { PersonDetails } from '../features/conversations/PersonDetails.js';
import { MessageInfo } from '../features/messages/MessageInfo.js';
import { useMinute } from '../features/messages/use-minute.js';
import { t } from '../strings/index.js';
import { Empty } from '../ui/Empty.js';
import { useAppSelector } from './hooks.js';
import { Shell } from './Shell.js';
import { useDetails } from './use-details.js';

export function ChatScreen({ account }: { account: AccountView }) {
  const { id = '' } = useParams();
  const conversation = useAppSelector((root) => selectChat(root.conversations, id));
  const loaded = useAppSelector((root) => root.conversations.loaded);
  const details = useDetails(id);
  const { info, open } = details;
  const now = useMinute();

  const onCompare = useCallback(() => {
    open();
    requestAnimationFrame(() => document.querySelector('[data-safety-number]')?.scrollIntoView());
  }, [open]);

  if (!conversation) {
    return (
      <Shell title={t('nav.chats')} pane={loaded ? 'main' : 'list'} place="chats" keepRail account={account}>
        <ChatsPane current={id} />
        <section className="pane-main" aria-label={t('conversation.pane')}>
          {loaded ? (
            <Empty title={t('conversation.missing.title')} text={t('conversation.missing.text')} />
          ) : null}
        </section>
      </Shell>
    );
  }

  const closeShown = info ? details.closeInfo : details.isOpen ? details.close : null;
  return (
    <Shell
      title={t('conversation.title', { name: conversation.title })}
      pane={closeShown ? 'details' : 'main'}
      place="chats"
      hasDetails={closeShown !== null}
      hasComposer={!conversation.hold}
      account={account}
    >
      <ChatsPane current={id} />
      <ConversationPane
        key={id}
        conversation={conversation}
        me={account.userId}
        detailsOpen={details.isOpen}
        onDetails={details.isOpen ? details.close : open}
        closeOver={details.over ? closeShown : null}
        onInfo={details.inform}
        onCompare={onCompare}
      />
      {closeShown ? (
        <DetailsPane
          key={info ? 'info' : 'details'}
          title={t(info ? 'info.title' : 'details.title')}
          scrollLabel={t(info ? 'info.scroll' : 'details.scroll')}
          over={details.over}
          onClose={closeShown}
        >
          {info ? (
            <MessageInfo message={info} conversation={conversation} me={account.userId} now={now} />
          ) : conversation.peer ? (
            <PersonDetails conversation={conversation} peer={conversation.peer} />
          ) : null}
        </DetailsPane>
      ) : null}
    </Shell>
  );
}
