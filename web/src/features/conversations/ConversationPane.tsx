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
import { isEditable } from '../messages/editable.js';
import {
  chatClosed,
  chatOpened,
  deletedForEveryone,
  deletedForMe,
  messageRetried,
  selectMessages,
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
  /** Closes what lies over the timeline; null where nothing does. */
  closeOver: (() => void) | null;
  onInfo: (message: MessageView) => void;
  onCompare: () => void;
}

/** One chat; mounted anew for another. */
export function ConversationPane(props: ConversationPaneProps) {
  const { conversation, me, detailsOpen, onDetails, closeOver, onInfo, onCompare } = props;
  const { id } = conversation;
  const dispatch = useAppDispatch();
  const online = useAppSelector((root) => isOnline(root.connection));
  const composer = useRef<ComposerHandle>(null);
  const timeline = useRef<TimelineHandle>(null);
  const composerHasFocus = useRef(false);
  const [replyKey, setReplyKey] = useState<MessageView['key'] | null>(null);
  const [editKey, setEditKey] = useState<MessageView['key'] | null>(null);
  const [deletingKey, setDeletingKey] = useState<MessageView['key'] | null>(null);
  const [refused, setRefused] = useState(false);
  // A reply to, new words for, or a question about a message that died meanwhile die with it.
  const replyTo = useLiving(replyKey);
  const editOf = useLiving(editKey);
  const deleting = useLiving(deletingKey);
  const lastEditable = useAppSelector((root) => selectMessages(root.messages).findLast(isEditable)?.key);

  const atOpening = useRef(conversation);
  useEffect(() => {
    const { firstUnread, unread } = atOpening.current;
    dispatch(chatOpened({ conversation: id, firstUnread, unread }));
    return () => {
      dispatch(chatClosed({ conversation: id }));
    };
  }, [dispatch, id]);

  const toComposer = useCallback(() => composer.current?.focus(), []);

  const edit = useCallback((key: MessageView['key'] | undefined) => {
    if (!key) return;
    setReplyKey(null);
    setEditKey(key);
    composer.current?.focus();
  }, []);

  const { hold } = conversation;
  const actions = useMemo(
    () => ({
      conversation,
      me,
      online,
      reply: (message: MessageView) => {
        setEditKey(null);
        setReplyKey(message.key);
        composer.current?.focus();
      },
      edit: hold
        ? null
        : (message: MessageView) => {
            edit(message.key);
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
    [conversation, me, online, id, dispatch, edit, hold, onInfo, onCompare],
  );

  return (
    <section
      className="pane-main"
      aria-label={t('conversation.pane')}
      onKeyDown={(event) => {
        // What is topmost (a menu, a dialog, the picker) has taken its own Esc already.
        if (event.key !== 'Escape' || event.defaultPrevented) return;
        if (closeOver) closeOver();
        else if (editOf) setEditKey(null);
        else if (replyTo) setReplyKey(null);
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
            editOf={editOf}
            onEditEnd={() => {
              setEditKey(null);
            }}
            onEditLast={() => {
              edit(lastEditable);
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

/** A message of the open chat for as long as its words are here. */
function useLiving(key: MessageView['key'] | null): MessageView | null {
  const message = useAppSelector((root) => (key ? root.messages.entities[key] : undefined));
  return message?.content.kind === 'text' ? message : null;
}
