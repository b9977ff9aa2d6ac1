import { t } from '../../strings/index.js';
import { Button } from '../../ui/Button.js';
import { AccountFrame } from './AccountFrame.js';

/** The password was right, but this device holds nothing of the account. */
export function NoStoreNotice({ onBack }: { onBack: () => void }) {
  return (
    <AccountFrame title={t('noStore.title')} lead={t('noStore.text')} says="sealed">
      <div className="mt-6">
        <Button size="wide" onClick={onBack}>
          {t('noStore.back')}
        </Button>
      </div>
    </AccountFrame>
  );
}
