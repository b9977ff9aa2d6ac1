import { serverId } from '@wisp/protocol';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const secret = () => randomBytes(32).toString('base64url');

const fields = {
  /** No secret, but made with them: the installation's id. */
  serverId,
  postgres: z.string(),
  authDatabase: z.string(),
  groupsDatabase: z.string(),
  messagesDatabase: z.string(),
  /** Of auth-service: the HMAC key over auth keys, outside of PostgreSQL (protocol §2). */
  pepper: z.string(),
  /** Of auth-service: makes the salts that clients are told. */
  saltKey: z.string(),
  /** Of auth-service: seals the token signing keys in its database. */
  signingKeysKey: z.string(),
  natsAuth: z.string(),
  natsGroups: z.string(),
  natsMessages: z.string(),
  natsGateway: z.string(),
};
const localSecrets = z.object(fields);
export type LocalSecrets = z.infer<typeof localSecrets>;

/** What this machine's Wisp keeps secret: made once, beside the data, readable for its owner only. */
export async function loadSecrets(folder: string): Promise<LocalSecrets> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'secrets.json');
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text !== null) return localSecrets.parse(JSON.parse(text));
  const made = makeSecrets();
  // Whole or not at all: data that is sealed under a lost secret is lost.
  await writeFile(`${path}.new`, JSON.stringify(made, null, 2), { mode: 0o600, flush: true });
  await rename(`${path}.new`, path);
  return made;
}

/** Fresh ones. */
export function makeSecrets(): LocalSecrets {
  return localSecrets.parse({
    ...Object.fromEntries(Object.keys(fields).map((name) => [name, secret()])),
    serverId: randomUUID(),
  });
}
