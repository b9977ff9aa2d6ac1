import { X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { t } from '../strings/index.js';
import { IconButton } from './IconButton.js';

export interface ToastView {
  id: string;
  text: string;
  tone: 'news' | 'error';
  /** Milliseconds that it stays; errors stay until dismissed. */
  stays: number | null;
  action: { label: string } | null;
}

interface ToastsProps {
  toasts: ToastView[];
  onDismiss: (id: string) => void;
  onAct: (id: string) => void;
}

/** Short news at the bottom; in the top layer, so that no dialog's scrim dims it. */
export function Toasts({ toasts, onDismiss, onAct }: ToastsProps) {
  const ref = useRef<HTMLDivElement>(null);
  const shown = toasts.length > 0;
  useEffect(() => {
    if (!shown) return undefined;
    const stack = ref.current;
    stack?.showPopover();
    return () => {
      stack?.hidePopover();
    };
  }, [shown]);

  return (
    <div ref={ref} popover="manual" className="toasts" role="status">
      {toasts.map((toast) => (
        <Toast
          key={toast.id}
          toast={toast}
          onDismiss={() => {
            onDismiss(toast.id);
          }}
          onAct={() => {
            onAct(toast.id);
          }}
        />
      ))}
    </div>
  );
}

function Toast({ toast, onDismiss, onAct }: { toast: ToastView; onDismiss: () => void; onAct: () => void }) {
  const [held, setHeld] = useState(false);
  const dismiss = useRef(onDismiss);
  useEffect(() => {
    dismiss.current = onDismiss;
  });
  const { stays } = toast;
  useEffect(() => {
    if (held || stays === null) return undefined;
    const timer = setTimeout(() => {
      dismiss.current();
    }, stays);
    return () => {
      clearTimeout(timer);
    };
  }, [held, stays]);

  return (
    <div
      className="toast"
      onPointerEnter={() => {
        setHeld(true);
      }}
      onPointerLeave={() => {
        setHeld(false);
      }}
      onFocus={() => {
        setHeld(true);
      }}
      onBlur={() => {
        setHeld(false);
      }}
    >
      <span className="toast-text">{toast.text}</span>
      {toast.action ? (
        <button type="button" onClick={onAct}>
          {toast.action.label}
        </button>
      ) : (
        <IconButton icon={X} label={t('nav.dismiss')} size="1rem" onClick={onDismiss} />
      )}
    </div>
  );
}
