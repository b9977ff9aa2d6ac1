import type { AccountView, MessageView } from '@wisp/client';
import { useCallback, useState } from 'react';
import { useParams } from 'react-router';
import { ChatsPane } from '../features/conversations/ChatsPane.js';
import { ConversationPane } from '../features/conversations/ConversationPane.js';
import { selectChat } from '../features/conversations/conversations-slice.js';
import { DetailsPane } from '../features/conversations/DetailsPane.js';
import { PersonDetails } from '../features/conversations/PersonDetails.js';
import { MessageInfo } from '../features/messages/MessageInfo.js';
import { useMinute } from '../features/messages/use-minute.js';
import { detailsToggled } from '../features/settings/settings-slice.js';
import { t } from '../strings/index.js';
import { Empty } from '../ui/Empty.js';
import { useAppDispatch, useAppSelector } from './hooks.js';
import { Shell } from './Shell.js';
import { useMedia } from './use-media.js';

/** From here on details stand beside the timeline and stay as the person left them. */
const BESIDE = '(min-width: 75rem)';

export function ChatScreen({ account }: { account: AccountView }) {
  const { id = '' } = useParams();
  const dispatch = useAppDispatch();
  const conversation = useAppSelector((root) => selectChat(root.conversations, id));
  const loaded = useAppSelector((root) => root.conversations.loaded);
  const remembered = useAppSelector((root) => root.settings.detailsOpen);
  const beside = useMedia(BESIDE);
  const [over, setOver] = useState(false);
  const [infoKey, setInfoKey] = useState<MessageView['key'] | null>(null);
  const informed = useAppSelector((root) => (infoKey ? root.messages.entities[infoKey] : undefined));
  const info = informed?.content.kind === 'text' ? informed : null;
  const now = useMinute();
  const open = beside ? remembered : over;

  const setOpen = useCallback(
    (value: boolean) => {
      setInfoKey(null);
      if (beside) dispatch(detailsToggled(value));
      else setOver(value);
      if (!value) document.querySelector<HTMLElement>('[data-details]')?.focus();
    },
    [beside, dispatch],
  );

  // Another chat starts on its timeline.
  const [shownId, setShownId] = useState(id);
  if (shownId !== id) {
    setShownId(id);
    setOver(false);
    setInfoKey(null);
  }

  const onInfo = useCallback((message: MessageView) => {
    setInfoKey(message.key);
  }, []);
  const onCompare = useCallback(() => {
    setOpen(true);
    requestAnimationFrame(() => document.querySelector('[data-safety-number]')?.scrollIntoView());
  }, [setOpen]);

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

  const showsDetails = info !== null || open;
  return (
    <Shell
      title={t('conversation.title', { name: conversation.title })}
      pane={showsDetails ? 'details' : 'main'}
      place="chats"
      hasDetails={showsDetails}
      hasComposer={!conversation.hold}
      account={account}
    >
      <ChatsPane current={id} />
      <ConversationPane
        key={id}
        conversation={conversation}
        me={account.userId}
        detailsOpen={open}
        onDetails={() => {
          setOpen(!open);
        }}
        onInfo={onInfo}
        onCompare={onCompare}
      />
      {info ? (
        <DetailsPane
          title={t('info.title')}
          scrollLabel={t('info.scroll')}
          onClose={() => {
            setInfoKey(null);
          }}
        >
          <MessageInfo message={info} conversation={conversation} me={account.userId} now={now} />
        </DetailsPane>
      ) : open ? (
        <DetailsPane
          title={t('details.title')}
          scrollLabel={t('details.scroll')}
          onClose={() => {
            setOpen(false);
          }}
        >
          {conversation.peer ? <PersonDetails conversation={conversation} peer={conversation.peer} /> : null}
        </DetailsPane>
      ) : null}
    </Shell>
  );
}
