import { z } from 'zod';

const whole = z
  .string()
  .regex(/^\d{1,12}$/, 'expected a whole number')
  .transform(Number);

/** Schemas of settings: from an environment variable's text to what the service works with. */
export const settings = {
  text: () => z.string().min(1),
  port: () => whole.pipe(z.int().min(0).max(65_535)),
  /** A whole number within bounds; say the unit in the description. */
  whole: (min: number, max: number) => whole.pipe(z.int().min(min).max(max)),
  flag: () => z.enum(['true', 'false']).transform((text) => text === 'true'),
  url: (...schemes: string[]) =>
    z.string().refine(
      (text) => {
        const scheme = URL.canParse(text) ? new URL(text).protocol.slice(0, -1) : undefined;
        return scheme !== undefined && (schemes.length === 0 || schemes.includes(scheme));
      },
      `expected a URL${schemes.length > 0 ? ` (${schemes.join(', ')})` : ''}`,
    ),
  logLevel: () => z.enum(['debug', 'info', 'warn', 'error', 'silent']),
} as const;
