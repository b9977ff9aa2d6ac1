import type { PersonView } from '@wisp/client';
import { ArrowLeft, Search, X } from 'lucide-react';
import { useEffect, useRef, useState, type FormEvent } from 'react';
import { Link, useNavigate } from 'react-router';
import { ListBanner } from '../../app/ConnectionBanner.js';
import { useAppSelector, useEngine } from '../../app/hooks.js';
import { codeOf, wordsFor } from '../../app/failure-words.js';
import { t } from '../../strings/index.js';
import { Dots } from '../../ui/Dots.js';
import { Icon } from '../../ui/Icon.js';
import { IconButton } from '../../ui/IconButton.js';
import { selectChats } from './conversations-slice.js';
import { PersonRow } from './PersonRow.js';

type Found =
  | { kind: 'nothing' }
  | { kind: 'looking' }
  | { kind: 'person'; person: PersonView }
  | { kind: 'trouble'; text: string };

/** A pause in typing before the server is asked: it answers only so many questions a minute. */
const PAUSE = 400;

export function NewChatPane() {
  const engine = useEngine();
  const navigate = useNavigate();
  const state = useAppSelector((root) => root.conversations);
  const [typed, setTyped] = useState('');
  const [found, setFound] = useState<Found>({ kind: 'nothing' });
  const [opening, setOpening] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const name = typed.trim().toLowerCase();
  const known = selectChats(state).filter(
    (chat) => chat.peer && (!name || chat.peer.username.includes(name)),
  );

  useEffect(() => {
    field.current?.focus();
  }, []);

  useEffect(() => {
    if (name.length < 3) {
      setFound({ kind: 'nothing' });
      return undefined;
    }
    let alive = true;
    setFound({ kind: 'looking' });
    const timer = setTimeout(() => {
      engine.findUser(name).then(
        (person) => {
          if (alive) setFound({ kind: 'person', person });
        },
        (error: unknown) => {
          if (alive) setFound({ kind: 'trouble', text: wordsWhenNotFound(error, name) });
        },
      );
    }, PAUSE);
    return () => {
      alive = false;
      clearTimeout(timer);
    };
  }, [engine, name]);

  const open = async (person: PersonView) => {
    const existing = known.find((chat) => chat.peer?.userId === person.userId);
    if (existing) {
      void navigate(`/chat/${existing.id}`);
      return;
    }
    setOpening(true);
    try {
      void navigate(`/chat/${await engine.startDirect(person.userId)}`);
    } catch (error) {
      setFound({
        kind: 'trouble',
        text: codeOf(error) === 'unreachable-user' ? t('new.unreachable', { name }) : wordsFor(error),
      });
      setOpening(false);
    }
  };

  return (
    <section className="pane-list" aria-label={t('new.title')} data-area>
      <header className="bar ps-2">
        <Link className="icon-btn" to="/" aria-label={t('nav.back')} title={t('nav.back')}>
          <Icon of={ArrowLeft} />
        </Link>
        <h2 className="min-w-0 flex-1 text-title!">{t('new.title')}</h2>
      </header>
      <ListBanner />
      <form
        className="search"
        role="search"
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          if (found.kind === 'person' && !opening) void open(found.person);
        }}
      >
        <Icon of={Search} size="1.125rem" />
        <input
          ref={field}
          className="input font-mono placeholder:font-sans"
          type="search"
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          placeholder={t('new.field')}
          aria-label={t('new.field')}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
          }}
        />
        {typed ? (
          <IconButton
            icon={X}
            size="1rem"
            label={t('chats.search.clear')}
            onClick={() => {
              setTyped('');
              field.current?.focus();
            }}
          />
        ) : null}
      </form>
      <div className="scroll">
        {name.length >= 3 ? (
          <>
            <h3 className="px-4.5 pt-3.5 pb-1.5 text-caption font-strong text-ink-2">{t('new.server')}</h3>
            <div role="status">
              <FoundLine found={found} opening={opening} />
            </div>
            {found.kind === 'person' ? (
              <ul className="chats">
                <li>
                  <PersonRow
                    person={found.person}
                    sub={t(isKnown(found.person) ? 'new.known.exact' : 'new.exact')}
                    busy={opening}
                    onOpen={() => void open(found.person)}
                  />
                </li>
              </ul>
            ) : null}
          </>
        ) : null}
        {known.length > 0 ? (
          <>
            <h3 className="px-4.5 pt-3.5 pb-1.5 text-caption font-strong text-ink-2">{t('new.known')}</h3>
            <ul className="chats">
              {known.map((chat) =>
                chat.peer ? (
                  <li key={chat.id}>
                    <PersonRow
                      person={chat.peer}
                      sub={null}
                      busy={false}
                      onOpen={() => void navigate(`/chat/${chat.id}`)}
                    />
                  </li>
                ) : null,
              )}
            </ul>
          </>
        ) : null}
      </div>
    </section>
  );

  function isKnown(person: PersonView): boolean {
    return known.some((chat) => chat.peer?.userId === person.userId);
  }
}

function FoundLine({ found, opening }: { found: Found; opening: boolean }) {
  if (found.kind === 'looking' || opening) {
    return (
      <p className="flex items-center gap-2 px-4.5 py-2 text-small text-ink-2">
        <Dots />
        {t(opening ? 'new.opening' : 'new.looking')}
      </p>
    );
  }
  if (found.kind === 'trouble') return <p className="px-4.5 py-2 text-small text-ink-2">{found.text}</p>;
  return null;
}

function wordsWhenNotFound(error: unknown, name: string): string {
  const code = codeOf(error);
  if (code === 'no-such-user') return t('new.nobody', { name });
  if (code === 'that-is-you') return t('new.self');
  return wordsFor(error);
}
