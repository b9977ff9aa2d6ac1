import { Info, Server } from 'lucide-react';
import { t } from '../../strings/index.js';
import { Note } from '../../ui/Note.js';

export function LimitsSection() {
  return (
    <>
      <div className="group-head mt-0!">
        <h3>{t('settings.limits.cant')}</h3>
      </div>
      <Note icon={Info}>
        <p>{t('settings.limits.text')}</p>
      </Note>
      <div className="group-head">
        <h3>{t('picker.limits')}</h3>
      </div>
      <Note icon={Info}>
        <p>{t('picker.limits.text')}</p>
      </Note>
      <div className="group-head">
        <h3>{t('settings.limits.server')}</h3>
      </div>
      <Note icon={Server}>
        <p>{t('settings.limits.server.text')}</p>
      </Note>
    </>
  );
}
