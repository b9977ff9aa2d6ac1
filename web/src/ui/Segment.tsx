import { useId } from 'react';

interface SegmentProps<Value extends string> {
  options: { value: Value; label: string }[];
  value: Value;
  onChange: (value: Value) => void;
}

/** Two or three choices side by side; radios, so the arrows move. */
export function Segment<Value extends string>({ options, value, onChange }: SegmentProps<Value>) {
  const name = useId();
  return (
    <div className="segment">
      {options.map((option) => (
        <label key={option.value}>
          <input
            type="radio"
            name={name}
            checked={option.value === value}
            onChange={() => {
              onChange(option.value);
            }}
          />
          {option.label}
        </label>
      ))}
    </div>
  );
}
