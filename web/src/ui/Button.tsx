import type { ButtonHTMLAttributes, Ref } from 'react';
import { Dots } from './Dots.js';

type Look = 'primary' | 'plain' | 'ghost' | 'danger' | 'danger-text';

const looks: Record<Look, string> = {
  primary: 'btn btn-primary',
  plain: 'btn btn-plain',
  ghost: 'btn btn-ghost',
  danger: 'btn btn-danger',
  'danger-text': 'btn btn-plain btn-danger-text',
};

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  size?: 'normal' | 'wide' | 'mini';
  /** What it is doing, while it does it; presses are ignored meanwhile. */
  busy?: string | null;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ look = 'plain', size = 'normal', busy, className, children, ...rest }: ButtonProps) {
  const classes = [looks[look], size === 'normal' ? '' : size, className ?? ''].filter(Boolean).join(' ');
  if (busy !== undefined && busy !== null) {
    return (
      <button {...rest} type={rest.type ?? 'button'} className={classes} aria-disabled onClick={ignore}>
        <Dots />
        {busy}
      </button>
    );
  }
  return (
    <button {...rest} type={rest.type ?? 'button'} className={classes}>
      {children}
    </button>
  );
}

function ignore(event: { preventDefault: () => void }): void {
  event.preventDefault();
}
