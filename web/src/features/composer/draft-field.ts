/** The composer's field beside the draft that the engine keeps. */
export interface DraftField {
  text: string;
  /** The engine's draft as this field last took it over or saved it. */
  stored: string;
  /** The number of the newest change typed here. */
  change: number;
  /** Something was typed here that the engine hasn't confirmed. */
  ahead: boolean;
}

export type DraftStep =
  | { kind: 'typed'; text: string; change: number }
  | { kind: 'saved'; change: number }
  | { kind: 'arrived'; draft: string };

export function draftField(draft: string): DraftField {
  return { text: draft, stored: draft, change: 0, ahead: false };
}

/** The field after one step; what a person types always wins over what arrives. */
export function stepDraft(field: DraftField, step: DraftStep): DraftField {
  switch (step.kind) {
    case 'typed':
      return { ...field, text: step.text, change: step.change, ahead: true };
    case 'saved':
      return step.change === field.change ? { ...field, stored: field.text, ahead: false } : field;
    case 'arrived': {
      // An echo of older words: taken over, it would put back what was sent or deleted meanwhile.
      if (field.ahead) return field;
      // Words of its own that another tab doesn't share stay, whatever that tab does.
      const follows = field.text === '' || field.text === field.stored;
      return { ...field, text: follows ? step.draft : field.text, stored: step.draft };
    }
  }
}
