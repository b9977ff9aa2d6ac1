import { Eye, EyeOff } from 'lucide-react';
import { useState } from 'react';
import { t } from '../strings/index.js';
import { Field, type FieldProps } from './Field.js';
import { Icon } from './Icon.js';

interface PasswordFieldProps extends Omit<FieldProps, 'type' | 'trailing'> {
  /** A password that was made here has to be read once. */
  initiallyShown?: boolean;
}

export function PasswordField({ initiallyShown = false, ...props }: PasswordFieldProps) {
  const [shown, setShown] = useState(initiallyShown);
  return (
    <Field
      {...props}
      type={shown ? 'text' : 'password'}
      autoCapitalize="none"
      spellCheck={false}
      trailing={
        <button
          type="button"
          className="icon-btn"
          aria-label={t('account.password.show')}
          aria-pressed={shown}
          onClick={() => {
            setShown(!shown);
          }}
        >
          <Icon of={shown ? EyeOff : Eye} size="1.125rem" />
        </button>
      }
    />
  );
}
