import { expect, test } from '@jest/globals';
import { configTable } from '@wisp/service-kit';
import { readFile } from 'node:fs/promises';
import { describeConfig, loadConfig } from './config.js';

const env = {
  DATABASE_URL: 'postgres://me:pw@localhost/wisp',
  NATS_URL: 'nats://localhost:4222',
  NATS_PASSWORD: 'n',
  SERVER_ID: '11111111-2222-4333-8444-555555555555',
};

test('what is required is enough', () => {
  expect(loadConfig(env)).toMatchObject({ port: 8083, redisUrl: 'none', serverId: env.SERVER_ID });
  for (const name of Object.keys(env)) {
    expect(() => loadConfig({ ...env, [name]: '' })).toThrow(`${name} is missing`);
  }
});

test('the table in the README is this one', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  // The formatter pads the cells.
  const plain = (text: string) => text.replace(/ *\| */g, '|').replace(/-{3,}/g, '---');
  expect(plain(readme)).toContain(plain(configTable(describeConfig())));
});
