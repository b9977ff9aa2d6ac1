import { CircleAlert } from 'lucide-react';
import { useId, type InputHTMLAttributes, type ReactNode, type Ref } from 'react';
import { Icon } from './Icon.js';

export interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  hint?: ReactNode;
  error?: string | null;
  /** Laid over the field's end: an eye, a check. */
  trailing?: ReactNode;
  ref?: Ref<HTMLInputElement>;
}

/** A labelled field; its hint and its error are tied to it. */
export function Field({ label, hint, error, trailing, className, children, ...rest }: FieldProps) {
  const id = useId();
  const described = [error ? `${id}-error` : '', hint ? `${id}-hint` : ''].filter(Boolean).join(' ');
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="input-wrap">
        <input
          {...rest}
          id={id}
          className={['input', className ?? '', trailing ? 'pe-12' : ''].filter(Boolean).join(' ')}
          aria-invalid={error ? true : undefined}
          aria-describedby={
            [rest['aria-describedby'] ?? '', described].filter(Boolean).join(' ') || undefined
          }
        />
        {trailing}
      </div>
      {children}
      {error ? (
        <p className="error" id={`${id}-error`}>
          <Icon of={CircleAlert} size="1rem" />
          {error}
        </p>
      ) : null}
      {hint ? (
        <div className="hint" id={`${id}-hint`}>
          {hint}
        </div>
      ) : null}
    </div>
  );
}
