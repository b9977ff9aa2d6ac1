import { ArrowLeft, CircleHelp, Keyboard, LogOut, Palette, User } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { ConnectionBanner, ListBanner } from '../../app/ConnectionBanner.js';
import { t, type StringKey } from '../../strings/index.js';
import { Icon } from '../../ui/Icon.js';
import { AccountSection } from './AccountSection.js';
import { AppearanceSection } from './AppearanceSection.js';
import { LimitsSection } from './LimitsSection.js';
import { Shortcuts } from './Shortcuts.js';
import { SignOutDialog } from './SignOutDialog.js';

export type Section = 'account' | 'appearance' | 'shortcuts' | 'limits';

const sections: { id: Section; icon: LucideIcon; title: StringKey }[] = [
  { id: 'account', icon: User, title: 'settings.account' },
  { id: 'appearance', icon: Palette, title: 'settings.appearance' },
  { id: 'shortcuts', icon: Keyboard, title: 'settings.shortcuts' },
  { id: 'limits', icon: CircleHelp, title: 'settings.limits' },
];

export function sectionOf(text: string | undefined): Section | null {
  return sections.find(({ id }) => id === text)?.id ?? null;
}

export function SettingsList({ current }: { current: Section }) {
  const [signingOut, setSigningOut] = useState(false);
  return (
    <section className="pane-list" aria-label={t('settings.title')} data-area>
      <header className="bar">
        <h2 className="min-w-0 flex-1" tabIndex={-1} data-pane-heading>
          {t('settings.title')}
        </h2>
      </header>
      <ListBanner />
      <nav className="scroll" aria-label={t('settings.nav')}>
        <ul className="chats">
          {sections.map(({ id, icon, title }) => (
            <li key={id}>
              <Link
                className="chat flex! min-h-11 gap-3 py-1.5"
                to={`/settings/${id}`}
                aria-current={id === current ? 'page' : undefined}
              >
                <Icon of={icon} />
                <span>{t(title)}</span>
              </Link>
            </li>
          ))}
          <li>
            <hr className="mx-2.5 my-2" />
          </li>
          <li>
            <button
              type="button"
              className="chat flex! min-h-11 w-full gap-3 py-1.5 text-danger"
              onClick={() => {
                setSigningOut(true);
              }}
            >
              <Icon of={LogOut} />
              <span>{t('settings.signOut')}</span>
            </button>
          </li>
        </ul>
      </nav>
      {signingOut ? (
        <SignOutDialog
          onClose={() => {
            setSigningOut(false);
          }}
        />
      ) : null}
    </section>
  );
}

export function SettingsPane({ section }: { section: Section }) {
  const title = sections.find(({ id }) => id === section)?.title ?? 'settings.title';
  return (
    <section className="pane-main" aria-label={t('conversation.pane')} data-area>
      <header className="bar">
        <Link className="icon-btn only-narrow" to="/settings" aria-label={t('settings.back')}>
          <Icon of={ArrowLeft} />
        </Link>
        <h2 className="min-w-0 flex-1" tabIndex={-1} data-pane-heading>
          {t(title)}
        </h2>
      </header>
      <ConnectionBanner />
      <div className="scroll" tabIndex={0} role="region" aria-label={t('settings.scroll')}>
        <div className="page pt-2">{contentOf(section)}</div>
      </div>
    </section>
  );
}

function contentOf(section: Section) {
  switch (section) {
    case 'account':
      return <AccountSection />;
    case 'appearance':
      return <AppearanceSection />;
    case 'shortcuts':
      return <Shortcuts />;
    case 'limits':
      return <LimitsSection />;
  }
}
