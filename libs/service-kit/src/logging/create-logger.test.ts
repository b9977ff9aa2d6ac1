import { describe, expect, test } from '@jest/globals';
import { createLogger, type LogFields } from './create-logger.js';

function record(level: 'debug' | 'info' = 'info') {
  const lines: string[] = [];
  const logger = createLogger({ service: 'test', level, write: (line) => lines.push(line) });
  return { logger, lines, parsed: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

/** As a programmer would by mistake: the compiler is told to look away. */
const careless = (fields: Record<string, unknown>) => fields as LogFields;

describe('logs', () => {
  test('are JSON lines with service, level, time and text', () => {
    const { logger, parsed } = record();
    logger.info({ code: 'ready', ms: 12 }, 'it listens');
    logger.debug({}, 'unseen');
    expect(parsed()).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        service: 'test',
        code: 'ready',
        ms: 12,
        msg: 'it listens',
      },
    ]);
  });

  test.each([
    'password',
    'token',
    'authorization',
    'cookie',
    'refreshToken',
    'authKey',
    'secret',
    'pepper',
    'privateKey',
    'body',
    'message',
    'text',
    'plaintext',
    'vault',
    'address',
    'ip',
    'email',
    'username',
    'userId',
    'headers',
    'req',
    'res',
    'payload',
    'databaseUrl',
  ])('never hold a %s', (name) => {
    const { logger, lines } = record();
    logger.warn(careless({ [name]: 'swordfish', reason: 'kept' }), 'careless');
    logger.warn(careless({ code: { [name]: 'swordfish' }, reason: ['swordfish'] }), 'nested');
    expect(lines.join('')).not.toContain('swordfish');
    expect(lines[0]).toContain('kept');
  });

  test('describe an error without what it quotes', () => {
    const { logger, lines, parsed } = record();
    const cause = Object.assign(new Error('Key (username)=(swordfish) already exists'), { code: '23505' });
    let parseError: unknown;
    try {
      JSON.parse('{"token": swordfish}');
    } catch (error) {
      parseError = error;
    }
    logger.error(
      { error: new Error('row of swordfish\n    at swordfish (file.ts:1:1)', { cause }) },
      'failed',
    );
    logger.error({ error: parseError }, 'failed');
    logger.error({ error: 'swordfish' }, 'failed');
    logger.error({ error: new TypeError('x is not a function') }, 'failed');
    expect(lines.join('')).not.toContain('swordfish');
    const [first, second, third, fourth] = parsed().map(({ error }) => error);
    expect(first).toMatchObject({
      name: 'Error',
      frames: expect.arrayContaining([expect.stringContaining('create-logger.test')]),
      cause: { name: 'Error', code: '23505' },
    });
    expect(second).toMatchObject({ name: 'SyntaxError' });
    expect(third).toEqual({ name: 'string' });
    expect(fourth).toMatchObject({ name: 'TypeError', message: 'x is not a function' });
  });

  test('stay bounded whatever a field holds', () => {
    const { logger, lines } = record();
    logger.info({ reason: 'x'.repeat(100_000) }, 'long');
    expect(lines[0]?.length).toBeLessThan(500);
  });
});
