import { writeSync } from 'node:fs';
import { openLevelGround } from '../src/store/level-ground.js';
import { sortable } from '../src/store/sortable.js';
import { put } from '../src/store/store.js';

/* Run as a process of its own and killed: eight commits in flight, each of the same record in two collections. */

const [folder, from] = process.argv.slice(2);
if (!folder || !from) throw new Error('usage: commit-forever <folder> <number>');
const { records } = await openLevelGround(folder);
let next = Number(from);

async function commitForever(): Promise<never> {
  for (;;) {
    const number = next++;
    const value = new Uint8Array(2000).fill(number);
    await records.commit([put('left', sortable(number), value), put('right', sortable(number), value)]);
    writeSync(1, `${number}\n`);
  }
}
await Promise.all(Array.from({ length: 8 }, commitForever));
