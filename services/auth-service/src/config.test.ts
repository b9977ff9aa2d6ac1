import { expect, test } from '@jest/globals';
import { configTable } from '@wisp/service-kit';
import { readFile } from 'node:fs/promises';
import { describeConfig, loadConfig } from './config.js';

const secret = Buffer.alloc(32, 7).toString('base64url');
const env = {
  DATABASE_URL: 'postgres://auth:pw@localhost/wisp',
  NATS_URL: 'nats://localhost:4222',
  NATS_PASSWORD: 'n',
  SERVER_ID: '11111111-2222-4333-8444-555555555555',
  AUTH_PEPPER: secret,
  AUTH_SALT_KEY: secret,
  AUTH_KEY_ENCRYPTION_KEY: secret,
};

test('what is required is enough', () => {
  expect(loadConfig(env)).toMatchObject({
    port: 8081,
    bcryptCost: 10,
    tokenSeconds: 900,
    secureCookies: true,
    redisUrl: 'none',
    pepper: new Uint8Array(32).fill(7),
  });
});

test('a secret that is short or no base64url is refused without being quoted', () => {
  for (const AUTH_PEPPER of ['short', `${secret}=`, 'p'.repeat(42)]) {
    expect(() => loadConfig({ ...env, AUTH_PEPPER })).toThrow(/AUTH_PEPPER is wrong/);
    expect(() => loadConfig({ ...env, AUTH_PEPPER })).not.toThrow(AUTH_PEPPER);
  }
});

test('the table in the README is this one', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  // The formatter pads the cells.
  const plain = (text: string) => text.replace(/ *\| */g, '|').replace(/-{3,}/g, '---');
  expect(plain(readme)).toContain(plain(configTable(describeConfig())));
});
