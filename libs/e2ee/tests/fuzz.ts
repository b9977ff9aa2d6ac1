import { parseArgs } from 'node:util';
import { fuzzMembership } from './membership-fuzzer.js';

/* `npm run fuzz -- --steps 10000 --seed N [--largest 40] [--quiet]` */
const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(crypto.getRandomValues(new Uint32Array(1))[0]) },
    largest: { type: 'string', default: '12' },
    quiet: { type: 'boolean', default: false },
  },
});
const [steps, seed, largest] = [Number(values.steps), Number(values.seed), Number(values.largest)];
const print = (line: string): boolean => process.stdout.write(`${line}\n`);

print(`seed ${seed}, ${steps} steps`);
const result = await fuzzMembership({ steps, seed, largest, ...(values.quiet ? {} : { report: print }) });
print(`agreed: ${JSON.stringify({ seed, steps, ...result })}`);
