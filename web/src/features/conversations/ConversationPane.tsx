import type { ConversationView, MessageView } from '@wisp/client';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { ConnectionBanner } from '../../app/ConnectionBanner.js';
import { isOnline } from '../../app/connection-slice.js';
import { useAppDispatch, useAppSelector } from '../../app/hooks.js';
import { newsArrived, troubleArrived } from '../../app/toasts-slice.js';
import { t } from '../../strings/index.js';
import { copyText } from '../../ui/clipboard.js';
import { Composer, type ComposerHandle } from '../composer/Composer.js';
import { HeldSheet } from '../composer/HeldSheet.js';
import { DeleteDialog } from '../messages/DeleteDialog.js';
import {
  chatClosed,
  chatOpened,
  deletedForEveryone,
  deletedForMe,
  messageRetried,
} from '../messages/messages-slice.js';
import type { TimelineHandle } from '../messages/MessageList.js';
import { RefusedDialog } from '../messages/RefusedDialog.js';
import { SpokenLog } from '../messages/SpokenLog.js';
import { ConversationBody } from './ConversationBody.js';
import { ConversationHeader } from './ConversationHeader.js';
import { TypingRow } from './TypingRow.js';

interface ConversationPaneProps {
  conversation: ConversationView;
  me: string;
  detailsOpen: boolean;
  onDetails: () => void;
  onInfo: (message: MessageView) => void;
  onCompare: () => void;
}

/** One chat; mounted anew for another. */
export function ConversationPane(props: ConversationPaneProps) {
  const { conversation, me, detailsOpen, onDetails, onInfo, onCompare } = props;
  const { id } = conversation;
  const dispatch = useAppDispatch();
  const online = useAppSelector((root) => isOnline(root.connection));
  const composer = useRef<ComposerHandle>(null);
  const timeline = useRef<TimelineHandle>(null);
  const composerHasFocus = useRef(false);
  const [replyKey, setReplyKey] = useState<MessageView['key'] | null>(null);
  const [deletingKey, setDeletingKey] = useState<MessageView['key'] | null>(null);
  const [refused, setRefused] = useState(false);
  // A reply to, or a question about, a message that died meanwhile dies with it.
  const replyTo = useAppSelector((root) => (replyKey ? root.messages.entities[replyKey] : undefined)) ?? null;
  const deleting = useAppSelector((root) => (deletingKey ? root.messages.entities[deletingKey] : undefined));

  const atOpening = useRef(conversation);
  useEffect(() => {
    const { firstUnread, unread } = atOpening.current;
    dispatch(chatOpened({ conversation: id, firstUnread, unread }));
    return () => {
      dispatch(chatClosed({ conversation: id }));
    };
  }, [dispatch, id]);

  const toComposer = useCallback(() => composer.current?.focus(), []);

  const actions = useMemo(
    () => ({
      conversation,
      me,
      online,
      reply: (message: MessageView) => {
        setReplyKey(message.key);
        composer.current?.focus();
      },
      copy: (message: MessageView) => {
        const { content } = message;
        if (content.kind !== 'text') return;
        void copyText(content.text).then((copied) =>
          dispatch(copied ? newsArrived({ text: t('menu.copied') }) : troubleArrived(t('menu.copyFailed'))),
        );
      },
      info: onInfo,
      askDelete: (message: MessageView) => {
        setDeletingKey(message.key);
      },
      retry: (message: MessageView) => {
        dispatch(messageRetried({ conversation: id, key: message.key }));
      },
      askAgain: () => composer.current?.suggest(t('unopened.key-gone.words')),
      explainRefused: () => {
        setRefused(true);
      },
      compare: onCompare,
      changeTimer: () => composer.current?.openTimer(),
    }),
    [conversation, me, online, id, dispatch, onInfo, onCompare],
  );

  const { hold } = conversation;
  return (
    <section
      className="pane-main"
      aria-label={t('conversation.pane')}
      onKeyDown={(event) => {
        // What is topmost (a menu, a dialog, the picker) has taken its own Esc already.
        if (event.key !== 'Escape' || event.defaultPrevented) return;
        if (replyTo) setReplyKey(null);
        else timeline.current?.toLatest();
      }}
    >
      <ConversationHeader conversation={conversation} detailsOpen={detailsOpen} onDetails={onDetails} />
      <ConnectionBanner />
      <ConversationBody
        conversation={conversation}
        actions={actions}
        toComposer={toComposer}
        timeline={timeline}
      />
      <TypingRow conversation={conversation} />
      {hold ? (
        <HeldSheet
          hold={hold}
          conversation={conversation}
          takesFocus={composerHasFocus.current}
          onCompare={onCompare}
        />
      ) : (
        <div
          onFocus={() => {
            composerHasFocus.current = true;
          }}
          onBlur={(event) => {
            if (event.relatedTarget !== null) composerHasFocus.current = false;
          }}
        >
          <Composer
            ref={composer}
            conversation={conversation}
            replyTo={replyTo}
            onReplyEnd={() => {
              setReplyKey(null);
            }}
          />
        </div>
      )}
      <SpokenLog conversation={conversation} />
      {deleting ? (
        <DeleteDialog
          message={deleting}
          conversation={conversation}
          onForMe={() => {
            setDeletingKey(null);
            dispatch(deletedForMe({ conversation: id, key: deleting.key }));
          }}
          onForEveryone={() => {
            setDeletingKey(null);
            dispatch(deletedForEveryone({ conversation: id, key: deleting.key }));
          }}
          onClose={() => {
            setDeletingKey(null);
          }}
        />
      ) : null}
      {refused ? (
        <RefusedDialog
          name={conversation.title}
          onClose={() => {
            setRefused(false);
          }}
        />
      ) : null}
    </section>
  );
}
