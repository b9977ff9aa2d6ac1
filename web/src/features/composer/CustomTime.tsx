import { useId } from 'react';
import { t } from '../../strings/index.js';
import { customSeconds, inOtherUnit, type TimerChoice } from './timer-choice.js';
import type { Unit } from './timer-words.js';

const units: Unit[] = ['s', 'min', 'h', 'day', 'wk'];

interface CustomTimeProps {
  value: TimerChoice['custom'];
  onChange: (value: TimerChoice['custom']) => void;
}

/** A number and a unit; beneath, the same time said another way. */
export function CustomTime({ value, onChange }: CustomTimeProps) {
  const id = useId();
  const seconds = customSeconds(value);
  const other = seconds === null ? null : inOtherUnit(seconds, value.unit);
  const words =
    seconds === null
      ? t('picker.custom.outside')
      : other
        ? t('picker.custom.is', { other: t(`ttl.long.${other.unit}`, { n: other.n }) })
        : t('picker.custom.range');
  return (
    <>
      <div className="flex items-end gap-2">
        <div className="field w-24">
          <label className="text-small" htmlFor={`${id}-n`}>
            {t('picker.custom.number')}
          </label>
          <input
            className="input short tabular-nums"
            id={`${id}-n`}
            type="number"
            min={1}
            value={value.typed}
            aria-invalid={seconds === null ? true : undefined}
            aria-describedby={`${id}-is`}
            onChange={(event) => {
              onChange({ ...value, typed: event.target.value });
            }}
          />
        </div>
        <div className="field min-w-0 flex-1">
          <label className="text-small" htmlFor={`${id}-u`}>
            {t('picker.custom.unit')}
          </label>
          <select
            className="input short"
            id={`${id}-u`}
            value={value.unit}
            onChange={(event) => {
              onChange({ ...value, unit: units.find((unit) => unit === event.target.value) ?? 'day' });
            }}
          >
            {units.map((unit) => (
              <option key={unit} value={unit}>
                {t(`picker.unit.${unit}`)}
              </option>
            ))}
          </select>
        </div>
      </div>
      <p className={seconds === null ? 'error -mt-1.5' : 'hint -mt-1.5'} id={`${id}-is`}>
        {words}
      </p>
    </>
  );
}
