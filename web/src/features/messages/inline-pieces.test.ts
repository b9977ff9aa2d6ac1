import { expect, test } from '@jest/globals';
import { inlinePieces } from './inline-pieces.js';

test('plain words stay whole', () => {
  expect(inlinePieces('just words\nin two lines')).toEqual([
    { kind: 'text', text: 'just words\nin two lines' },
  ]);
});

test('an address ends before the punctuation of its sentence', () => {
  expect(inlinePieces('See https://example.org/a?b=1.')).toEqual([
    { kind: 'text', text: 'See ' },
    { kind: 'link', text: 'https://example.org/a?b=1' },
    { kind: 'text', text: '.' },
  ]);
});

test('only web addresses are links', () => {
  expect(inlinePieces('javascript:alert(1) ftp://example.org data:text/html,x')).toEqual([
    { kind: 'text', text: 'javascript:alert(1) ftp://example.org data:text/html,x' },
  ]);
});

test('code stands between backticks, in one line', () => {
  expect(inlinePieces('run `rsync -a` now')).toEqual([
    { kind: 'text', text: 'run ' },
    { kind: 'code', text: 'rsync -a' },
    { kind: 'text', text: ' now' },
  ]);
  expect(inlinePieces('a ` and\n another `')).toHaveLength(1);
});

test('nothing is lost: the pieces make up the text again', () => {
  const words = '`a`https://x.org/`b` `` (https://y.org/z) http://';
  const back = inlinePieces(words)
    .map(({ kind, text }) => (kind === 'code' ? `\`${text}\`` : text))
    .join('');
  expect(back).toBe(words);
});
