import { t } from '../../strings/index.js';
import { Button } from '../../ui/Button.js';
import { Dialog } from '../../ui/Dialog.js';

/** What it means that a message was refused. */
export function RefusedDialog({ name, onClose }: { name: string; onClose: () => void }) {
  return (
    <Dialog title={t('unopened.refused.title')} onClose={onClose}>
      <p>{t('unopened.refused.explain', { name })}</p>
      <div className="actions">
        <Button look="primary" data-autofocus onClick={onClose}>
          {t('nav.close')}
        </Button>
      </div>
    </Dialog>
  );
}
