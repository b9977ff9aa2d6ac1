import { CircleAlert } from 'lucide-react';
import { Icon } from '../../ui/Icon.js';

/** What went wrong on submit; spoken at once. */
export function FormError({ text }: { text: string | null }) {
  return (
    <div role="alert" className="empty:hidden">
      {text ? (
        <p className="error">
          <Icon of={CircleAlert} size="1rem" />
          {text}
        </p>
      ) : null}
    </div>
  );
}
