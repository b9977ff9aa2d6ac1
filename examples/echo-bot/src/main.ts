import { openEngine } from '@wisp/client/node';
import { echo } from './echo-bot.js';
import { enter } from './enter.js';

const [server, username, folder = `${username}.wisp`] = process.argv.slice(2);
const password = process.env['WISP_PASSWORD'];
if (!server || !username || !password)
  throw new Error('WISP_PASSWORD=… echo-bot <server> <username> [folder]');

const engine = openEngine({ server, folder });
echo(engine);
const made = await enter(engine, { username, password });
if (made) console.log(`Write these down, they are the only way back: ${made.words.join(' ')}`);
console.log(`${username} answers.`);
