import { z } from 'zod';

/** Cookies outside a browser, which keeps its own. Only the own server is ever asked, so domains don't matter. */
export interface CookieJar {
  /** The `Cookie` header for a path, or null. */
  header(path: string): string | null;
  /** Takes in `Set-Cookie` headers; what changed is kept durably before it resolves. */
  absorb(setCookies: readonly string[]): Promise<void>;
}

const jarText = z.array(z.object({ name: z.string(), value: z.string(), path: z.string() }));
type Cookie = z.infer<typeof jarText>[number];

/** A jar in memory that hands each new content to `save`. */
export function cookieJar(text: string | null, save: (text: string) => Promise<void>): CookieJar {
  let cookies: Cookie[] = text === null ? [] : jarText.parse(JSON.parse(text));
  return {
    header(path) {
      const fitting = cookies.filter((cookie) => pathMatches(path, cookie.path));
      return fitting.length === 0 ? null : fitting.map(({ name, value }) => `${name}=${value}`).join('; ');
    },
    async absorb(setCookies) {
      if (setCookies.length === 0) return;
      for (const { cookie, gone } of setCookies.flatMap(parseSetCookie)) {
        cookies = cookies.filter(({ name, path }) => name !== cookie.name || path !== cookie.path);
        if (!gone) cookies.push(cookie);
      }
      await save(JSON.stringify(cookies));
    },
  };
}

function parseSetCookie(header: string): { cookie: Cookie; gone: boolean }[] {
  const [pair = '', ...attributes] = header.split(';').map((part) => part.trim());
  const equals = pair.indexOf('=');
  if (equals < 1) return [];
  const attribute = (wanted: string) =>
    attributes.find((text) => text.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1);
  const maxAge = attribute('max-age');
  const expires = attribute('expires');
  const gone = maxAge !== undefined ? Number(maxAge) <= 0 : expires !== undefined && Date.parse(expires) <= 0;
  const cookie = {
    name: pair.slice(0, equals),
    value: pair.slice(equals + 1),
    path: attribute('path') ?? '/',
  };
  return [{ cookie, gone }];
}

/** RFC 6265 §5.1.4. */
function pathMatches(path: string, cookiePath: string): boolean {
  if (path === cookiePath) return true;
  return path.startsWith(cookiePath) && (cookiePath.endsWith('/') || path[cookiePath.length] === '/');
}
