import { X } from 'lucide-react';
import { t, type StringKey } from '../../strings/index.js';
import { Dialog } from '../../ui/Dialog.js';
import { IconButton } from '../../ui/IconButton.js';

const groups: { title: StringKey; keys: [StringKey, string[]][] }[] = [
  {
    title: 'shortcuts.move',
    keys: [
      ['shortcuts.chat', ['Alt', '↓ ↑']],
      ['shortcuts.unread', ['Alt', 'Shift', '↓']],
      ['shortcuts.search', ['Ctrl', 'K']],
      ['shortcuts.area', ['F6']],
      ['shortcuts.latest', ['Esc']],
    ],
  },
  {
    title: 'shortcuts.write',
    keys: [
      ['shortcuts.send', ['Enter']],
      ['shortcuts.line', ['Shift', 'Enter']],
      ['shortcuts.edit', ['↑']],
      ['shortcuts.timer', ['Ctrl', 'Shift', 'D']],
    ],
  },
  {
    title: 'shortcuts.message',
    keys: [
      ['shortcuts.reply', ['R']],
      ['shortcuts.copy', ['Ctrl', 'C']],
      ['shortcuts.delete', ['Del']],
      ['shortcuts.menu', ['Shift', 'F10']],
    ],
  },
  {
    title: 'shortcuts.wisp',
    keys: [
      ['shortcuts.new', ['Ctrl', 'Alt', 'N']],
      ['shortcuts.details', ['Ctrl', 'I']],
      ['shortcuts.list', ['Ctrl', '/']],
    ],
  },
];

export function Shortcuts() {
  return (
    <div className="keys">
      {groups.map(({ title, keys }) => (
        <section key={title}>
          <h3>{t(title)}</h3>
          {keys.map(([what, combination]) => (
            <div key={what} className="fact min-h-9! py-0.5!">
              <span className="fact-main">{t(what)}</span>
              <span className="flex items-center gap-1">
                {combination.map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </span>
            </div>
          ))}
        </section>
      ))}
    </div>
  );
}

export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog
      title={t('shortcuts.title')}
      size="wide"
      onClose={onClose}
      corner={<IconButton icon={X} label={t('nav.close')} onClick={onClose} />}
    >
      <Shortcuts />
    </Dialog>
  );
}
