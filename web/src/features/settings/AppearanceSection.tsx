import { useAppDispatch, useAppSelector } from '../../app/hooks.js';
import { t } from '../../strings/index.js';
import { Segment } from '../../ui/Segment.js';
import { themeChosen, type Theme } from './settings-slice.js';

export function AppearanceSection() {
  const dispatch = useAppDispatch();
  const theme = useAppSelector((root) => root.settings.theme);
  return (
    <>
      <div className="group-head mt-0!">
        <h3>{t('settings.theme')}</h3>
      </div>
      <div className="card p-4">
        <fieldset>
          <legend className="sr-only">{t('settings.theme')}</legend>
          <Segment<Theme>
            value={theme}
            options={[
              { value: 'system', label: t('settings.theme.system') },
              { value: 'light', label: t('settings.theme.light') },
              { value: 'dark', label: t('settings.theme.dark') },
            ]}
            onChange={(chosen) => {
              dispatch(themeChosen(chosen));
            }}
          />
        </fieldset>
      </div>
    </>
  );
}
