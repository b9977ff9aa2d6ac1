import { IntlMessageFormat } from 'intl-messageformat';
import type { ReactNode } from 'react';
import { account } from './en-account.js';
import { app } from './en-app.js';
import { chats } from './en-chats.js';
import { composer } from './en-composer.js';
import { messages } from './en-messages.js';

/** Every word of the interface, in ICU message syntax. A second language is a second object of this type. */
export const catalogue = { ...account, ...app, ...chats, ...composer, ...messages };

export type StringKey = keyof typeof catalogue;
export const locale = 'en-GB';

type Value = string | number;
type Piece = (parts: ReactNode[]) => ReactNode;

const compiled = new Map<StringKey, IntlMessageFormat>();

function formatOf(key: StringKey): IntlMessageFormat {
  let format = compiled.get(key);
  if (!format) {
    format = new IntlMessageFormat(catalogue[key], locale);
    compiled.set(key, format);
  }
  return format;
}

/** The words for `key`, as plain text. */
export function t(key: StringKey, values?: Record<string, Value>): string {
  return String(formatOf(key).format(values));
}

/** The same with tags in it, each drawn by a function of its name. */
export function rich(key: StringKey, values: Record<string, Value | Piece>): ReactNode {
  return formatOf(key).format<ReactNode>(values);
}

export function isStringKey(key: string): key is StringKey {
  return key in catalogue;
}
