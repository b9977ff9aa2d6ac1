import type { MessageView } from '@wisp/client';
import { Copy, Ellipsis, Info, Pencil, Reply, Trash2 } from 'lucide-react';
import { useRef, useState, type KeyboardEvent } from 'react';
import { t } from '../../strings/index.js';
import { IconButton } from '../../ui/IconButton.js';
import { Menu, type MenuItem } from '../../ui/Menu.js';
import { Bubble } from './Bubble.js';
import { isEditable } from './editable.js';
import { nameIn } from './notice-words.js';
import { StateLine } from './StateLine.js';
import { useTimeline, type TimelineActions } from './timeline-actions.js';
import type { MessageRow } from './timeline-rows.js';
import { Unopened } from './Unopened.js';

/** A message inside its row: bubble or reason, the hover bar, the words of its state. */
export function MessageItem({ row }: { row: MessageRow }) {
  const timeline = useTimeline();
  const { message } = row;
  const more = useRef<HTMLButtonElement>(null);
  const [menuAt, setMenuAt] = useState<HTMLElement | null>(null);
  const isText = message.content.kind === 'text';

  return (
    <>
      {isText ? (
        <div
          className="bubble-row"
          onContextMenu={(event) => {
            // Long press on touch; a mouse keeps the browser's own menu.
            if (event.nativeEvent instanceof PointerEvent && event.nativeEvent.pointerType === 'touch') {
              event.preventDefault();
              setMenuAt(event.currentTarget.closest('li'));
            }
          }}
        >
          <Bubble
            message={message}
            conversation={timeline.conversation}
            me={timeline.me}
            showsTime={row.place === 'solo' || row.place === 'last'}
            onJump={timeline.jump}
          />
          <div className="hover-bar" role="toolbar" aria-label={t('menu.label')}>
            <IconButton
              icon={Reply}
              size="1.125rem"
              label={t('menu.reply')}
              tabIndex={-1}
              onClick={() => {
                timeline.reply(message);
              }}
            />
            <IconButton
              ref={more}
              icon={Ellipsis}
              size="1.125rem"
              label={t('menu.more')}
              tabIndex={-1}
              data-more
              aria-haspopup="menu"
              aria-expanded={menuAt !== null}
              onClick={(event) => {
                setMenuAt(event.currentTarget);
              }}
            />
          </div>
        </div>
      ) : (
        <Unopened
          message={message}
          name={nameIn(timeline.conversation, message.author)}
          onAskAgain={() => {
            timeline.askAgain(message);
          }}
          onExplain={() => {
            timeline.explainRefused(message);
          }}
        />
      )}
      <StateLine
        row={row}
        online={timeline.online}
        onRetry={() => {
          timeline.retry(message);
        }}
        onDelete={() => {
          timeline.askDelete(message);
        }}
      />
      {menuAt ? (
        <Menu
          label={t('menu.label')}
          anchor={menuAt}
          groups={menuGroups(message, timeline)}
          onClose={() => {
            setMenuAt(null);
          }}
        />
      ) : null}
    </>
  );
}

function menuGroups(message: MessageView, timeline: TimelineActions): MenuItem[][] {
  const { edit } = timeline;
  return [
    [
      {
        label: t('menu.reply'),
        icon: Reply,
        keys: 'R',
        act: () => {
          timeline.reply(message);
        },
      },
      {
        label: t('menu.copy'),
        icon: Copy,
        keys: 'Ctrl C',
        act: () => {
          timeline.copy(message);
        },
      },
      ...(edit && isEditable(message)
        ? [
            {
              label: t('menu.edit'),
              icon: Pencil,
              act: () => {
                edit(message);
              },
            },
          ]
        : []),
      {
        label: t('menu.info'),
        icon: Info,
        act: () => {
          timeline.info(message);
        },
      },
    ],
    [
      {
        label: t('menu.delete'),
        icon: Trash2,
        keys: 'Del',
        danger: true,
        act: () => {
          timeline.askDelete(message);
        },
      },
    ],
  ];
}

/** The keys that act on a focused message. Answers whether the key was one of them. */
export function actOnMessage(
  event: KeyboardEvent<HTMLElement>,
  message: MessageView,
  timeline: TimelineActions,
): boolean {
  const { key } = event;
  if (message.content.kind !== 'text') return false;
  if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === 'c') {
    // A selection inside the text is what the person means.
    if (document.getSelection()?.isCollapsed === false) return false;
    timeline.copy(message);
    return true;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  if (key === 'r' || key === 'R') {
    timeline.reply(message);
    return true;
  }
  if (key === 'Delete') {
    timeline.askDelete(message);
    return true;
  }
  if (key === 'Enter' || (event.shiftKey && key === 'F10') || key === 'ContextMenu') {
    event.currentTarget.querySelector<HTMLElement>('[data-more]')?.click();
    return true;
  }
  return false;
}
