import { describe, expect, test } from '@jest/globals';
import { ConfigError, configTable, defineConfig } from './define-config.js';
import { settings } from './setting-schemas.js';

const { loadConfig, describeConfig } = defineConfig({
  port: { env: 'PORT', schema: settings.port(), default: '8080', description: 'HTTP port.' },
  databaseUrl: {
    env: 'DATABASE_URL',
    schema: settings.url('postgres'),
    secret: true,
    description: 'The database.',
  },
  pepper: {
    env: 'PEPPER',
    schema: settings.text(),
    secret: true,
    default: 'preset',
    description: 'A | secret.',
  },
  demo: { env: 'DEMO', schema: settings.flag(), default: 'false', description: 'Shows how.' },
});

describe('loadConfig', () => {
  test('reads, converts and fills in defaults', () => {
    const config = loadConfig({ DATABASE_URL: 'postgres://localhost/wisp', DEMO: 'true', PORT: '' });
    expect(config).toEqual({
      port: 8080,
      databaseUrl: 'postgres://localhost/wisp',
      pepper: 'preset',
      demo: true,
    });
    const port: number = config.port;
    expect(port).toBe(8080);
  });

  test('lists everything that is wrong at once, and quotes no secret', () => {
    let thrown: unknown;
    try {
      loadConfig({ PORT: '99999', DATABASE_URL: 'mysql://swordfish@host', DEMO: 'yes' });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ConfigError);
    const { problems, message } = thrown as ConfigError;
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual(['PORT', 'DATABASE_URL', 'DEMO']);
    expect(message).not.toContain('swordfish');
    expect(() => loadConfig({})).toThrow('DATABASE_URL is missing: The database.');
  });

  test.each(['', 'x', '-1', '1.5', '65536', ' 80'])('refuses the port %p', (text) => {
    expect(settings.port().safeParse(text).success).toBe(false);
  });
});

test('the table shows every option and no secret', () => {
  expect(configTable(describeConfig())).toBe(
    [
      '| Variable | What it means | Default |',
      '|---|---|---|',
      '| `PORT` | HTTP port. | 8080 |',
      '| `DATABASE_URL` | The database. | required |',
      '| `PEPPER` | A \\| secret. | none |',
      '| `DEMO` | Shows how. | false |',
    ].join('\n'),
  );
});
