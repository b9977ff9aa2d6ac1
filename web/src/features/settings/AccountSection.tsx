import { ChevronRight, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useAppSelector } from '../../app/hooks.js';
import { t } from '../../strings/index.js';
import { Icon } from '../../ui/Icon.js';
import { CopyName } from '../conversations/FirstRun.js';
import { DeleteAccountDialog } from './DeleteAccountDialog.js';

export function AccountSection() {
  const start = useAppSelector((root) => root.account.start);
  const [deleting, setDeleting] = useState(false);
  const username = start?.kind === 'signed-in' ? start.account.username : '';
  return (
    <>
      <div className="group-head mt-0!">
        <h3>{t('settings.account.username')}</h3>
        <p>{t('settings.account.username.text')}</p>
      </div>
      <div className="flex">
        <CopyName username={username} />
      </div>
      <div className="group-head">
        <h3>{t('settings.delete')}</h3>
      </div>
      <div className="card card-rows">
        <button
          className="card-row"
          type="button"
          aria-haspopup="dialog"
          onClick={() => {
            setDeleting(true);
          }}
        >
          <Icon of={Trash2} />
          <span className="min-w-0 flex-1 text-danger">
            {t('settings.delete')}
            <span className="sub">{t('settings.delete.text')}</span>
          </span>
          <Icon of={ChevronRight} size="1.125rem" />
        </button>
      </div>
      {deleting ? (
        <DeleteAccountDialog
          onClose={() => {
            setDeleting(false);
          }}
        />
      ) : null}
    </>
  );
}
