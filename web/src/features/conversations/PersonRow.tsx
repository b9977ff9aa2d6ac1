import type { PersonView } from '@wisp/client';
import { Avatar } from '../../ui/Avatar.js';
import { VerifiedMark } from './ChatRow.js';

interface PersonRowProps {
  person: PersonView;
  sub: string | null;
  busy: boolean;
  onOpen: () => void;
}

/** A person to write to; the username is read letter by letter, so it is set in Mono. */
export function PersonRow({ person, sub, busy, onOpen }: PersonRowProps) {
  return (
    <button type="button" className="chat w-full" disabled={busy} onClick={onOpen}>
      <Avatar id={person.userId} name={person.username} />
      <span className={sub ? 'chat-top' : 'chat-top row-span-2'}>
        <span className="name truncate font-mono">
          <bdi>{person.username}</bdi>
        </span>
        {person.verified ? <VerifiedMark /> : null}
      </span>
      {sub ? (
        <span className="chat-sub">
          <span className="clip truncate">{sub}</span>
        </span>
      ) : null}
    </button>
  );
}
