import { openEngine } from '@wisp/client/node';
import { echo } from './echo-bot.js';
import { enter } from './enter.js';

const [server, username, folder = `${username}.wisp`] = process.argv.slice(2);
const password = process.env['WISP_PASSWORD'];
if (!server || !username || !password)
  throw new Error('WISP_PASSWORD=… echo-bot <server> <username> [folder]');

const engine = openEngine({ server, folder });
echo(engine);
await enter(engine, { username, password });
console.log(`${username} answers.`);
