import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { IntlMessageFormat } from 'intl-messageformat';
import { catalogue, locale, rich, t } from './index.js';

const keys = Object.keys(catalogue);
const source = join(import.meta.dirname, '..');

function readAll(folder: string): string {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(
      (file) =>
        file.isFile() &&
        /\.tsx?$/.test(file.name) &&
        !/\.test\.|\/strings\/en-/.test(join(file.parentPath, file.name)),
    )
    .map((file) => readFileSync(join(file.parentPath, file.name), 'utf8'))
    .join('\n');
}

describe('the catalogue', () => {
  test('is ICU throughout', () => {
    for (const words of Object.values(catalogue)) {
      expect(() => new IntlMessageFormat(words, locale)).not.toThrow();
    }
  });

  test('holds no words that nobody says', () => {
    const code = readAll(source);
    // A key may be put together: `held.${kind}.title`, `ttl.short.${unit}`.
    const patterns = [...code.matchAll(/`([\w.-]*(?:\$\{[^}]+\}[\w.-]*)+)`/gu)]
      .map(([, template]) => (template ?? '').split(/\$\{[^}]+\}/u))
      .filter((parts) => parts.join('').includes('.'))
      .map(
        (parts) => new RegExp(`^${parts.map((part) => part.replaceAll('.', '\\.')).join('[\\w.-]+')}$`, 'u'),
      );
    const unused = keys.filter(
      (key) => !code.includes(`'${key}'`) && !patterns.some((pattern) => pattern.test(key)),
    );
    expect(unused).toEqual([]);
  });

  test('keeps to the words of the house', () => {
    for (const words of Object.values(catalogue)) {
      expect(words).not.toMatch(/!|\bOops\b|\bforever\b|\bpermanent|[^{]'/iu);
    }
  });
});

test('counts by the rules of the language', () => {
  expect(t('message.new', { n: 1 })).toBe('1 new message');
  expect(t('message.new', { n: 2 })).toBe('2 new messages');
  expect(t('trace.other', { name: 'bo', n: 1 })).toBe('bo deleted a message');
  expect(t('trace.other', { name: 'bo', n: 3 })).toBe('bo deleted 3 messages');
});

test('draws tags by the function of their name', () => {
  const words = rich('notice.timer', {
    name: 'bo',
    timer: '1 hour',
    b: (parts) => `*${parts.map(String).join('')}*`,
  });
  expect([words].flat().map(String).join('')).toBe(
    'bo set new messages to disappear *1 hour*. Earlier ones keep their own time.',
  );
});
