import { expect, test } from '@jest/globals';
import { draftField, stepDraft, type DraftField, type DraftStep } from './draft-field.js';

const after = (field: DraftField, ...steps: DraftStep[]): DraftField => steps.reduce(stepDraft, field);
const typed = (text: string, change: number): DraftStep => ({ kind: 'typed', text, change });
const saved = (change: number): DraftStep => ({ kind: 'saved', change });
const arrived = (draft: string): DraftStep => ({ kind: 'arrived', draft });

test('the echo of what was sent meanwhile doesn’t come back into the field', () => {
  const sent = after(
    draftField(''),
    typed('hello', 1),
    typed('', 2),
    arrived('hello'),
    saved(1),
    arrived(''),
    saved(2),
  );
  expect(sent.text).toBe('');
});

test('words that couldn’t be sent come back once the field is settled', () => {
  const sent = after(draftField(''), typed('hello', 1), typed('', 2), arrived(''), saved(2));
  expect(after(sent, arrived('hello')).text).toBe('hello');
});

test('an untouched field follows another tab, also into emptiness', () => {
  const opened = draftField('half a thought');
  expect(after(opened, arrived('half a thought more')).text).toBe('half a thought more');
  expect(after(opened, arrived('')).text).toBe('');
});

test('what was typed here and saved follows as well, what is being typed doesn’t', () => {
  const here = after(draftField(''), typed('mine', 1), arrived('mine'), saved(1));
  expect(after(here, arrived('')).text).toBe('');
  expect(after(here, typed('mine too', 2), arrived('')).text).toBe('mine too');
});
