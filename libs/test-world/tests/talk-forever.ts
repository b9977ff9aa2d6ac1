import { openEngine } from '@wisp/client/node';
import { writeSync } from 'node:fs';

/*
 * Run as a process of its own and killed: somebody's engine that says one thing after the other, and changes the chat's
 * timer now and then. A line per text, once it is stored on the device.
 */

const [server, folder, name, from] = process.argv.slice(2);
if (!server || !folder || !name || !from)
  throw new Error('usage: talk-forever <server> <folder> <name> <number>');
const YEAR_SECONDS = 365 * 24 * 60 * 60;
const COMMIT_EVERY = 8;
const engine = openEngine({ server, folder, random: () => 0 });
await engine.start();
const [chat] = await engine.conversations();
if (chat === undefined) throw new Error('there is no chat to talk in');

for (let number = Number(from); ; number += 1) {
  const text = `${name} ${number}`;
  await engine.send({ conversation: chat.id, text });
  writeSync(1, `${text}\n`);
  if (number % COMMIT_EVERY === 0) {
    const timer = { mode: 'afterSend', ttlSeconds: YEAR_SECONDS - number } as const;
    // It waits for the server's answer; the talk goes on meanwhile. An earlier one may still be in doubt.
    engine.setTimer({ conversation: chat.id, timer }).catch(() => undefined);
  }
}
