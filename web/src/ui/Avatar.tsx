import { hueOf, initialsOf } from './person.js';

/** Decoration: the name always stands beside it. */
export function Avatar({ id, name, size }: { id: string; name: string; size?: 's' | 'l' }) {
  return (
    <span className={size ? `avatar w-person ${size}` : 'avatar w-person'} data-hue={hueOf(id)} aria-hidden>
      {initialsOf(name)}
    </span>
  );
}
