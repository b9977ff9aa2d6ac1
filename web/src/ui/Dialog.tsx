import { useEffect, useId, useRef, type ReactNode } from 'react';
import { absorbSecondPress } from './second-press.js';

interface DialogProps {
  title: string;
  size?: 'small' | 'mid' | 'wide';
  onClose: () => void;
  /** Beside the heading, e.g. a button that closes. */
  corner?: ReactNode;
  children: ReactNode;
}

/** A modal dialog; Esc and a press beside it cancel. `data-autofocus` marks the least destructive action. */
export function Dialog({ title, size = 'small', onClose, corner, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();

  useEffect(() => {
    const dialog = ref.current;
    if (!dialog) return undefined;
    dialog.showModal();
    dialog.querySelector<HTMLElement>('[data-autofocus]')?.focus();
    // Closing, not only leaving the page, is what gives the focus back.
    return () => {
      dialog.close();
      absorbSecondPress();
    };
  }, []);

  return (
    <dialog
      ref={ref}
      className={size === 'small' ? 'dialog' : `dialog ${size}`}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget && isBeside(event.currentTarget, event)) onClose();
      }}
    >
      {corner ? (
        <div className="flex items-center gap-2">
          <h2 id={id} className="min-w-0 flex-1">
            {title}
          </h2>
          {corner}
        </div>
      ) : (
        <h2 id={id}>{title}</h2>
      )}
      {children}
    </dialog>
  );
}

function isBeside(dialog: HTMLDialogElement, { clientX, clientY }: { clientX: number; clientY: number }) {
  const box = dialog.getBoundingClientRect();
  return clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom;
}
