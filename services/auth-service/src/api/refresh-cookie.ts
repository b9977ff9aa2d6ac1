import type { Request, Response } from 'express';

export interface CookieSettings {
  /** Only over TLS. Browsers treat loopback as secure, other plain http not. */
  secure: boolean;
}

const NAME = 'wisp_refresh';
const MAX_AGE_MS = 60 * 24 * 60 * 60_000;

const attributes = ({ secure }: CookieSettings) =>
  ({ httpOnly: true, sameSite: 'strict', secure, path: '/api/auth/sessions' }) as const;

export function setRefreshCookie(response: Response, settings: CookieSettings, value: string): void {
  response.cookie(NAME, value, { ...attributes(settings), maxAge: MAX_AGE_MS });
}

export function clearRefreshCookie(response: Response, settings: CookieSettings): void {
  response.clearCookie(NAME, attributes(settings));
}

/** Null: the browser sent none. */
export function readRefreshCookie(request: Request): string | null {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [name, value] = part.trim().split('=', 2);
    if (name === NAME && value) return value;
  }
  return null;
}
