import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { startWorld, type World } from './world.js';

let world: World;
beforeAll(async () => (world = await startWorld()));
afterAll(() => world.stop());

interface Column {
  table: string;
  column: string;
  type: string;
  required: boolean;
}

const scalars: Record<string, string> = {
  'String @db.Uuid': 'uuid',
  String: 'text',
  Int: 'int4',
  BigInt: 'int8',
  Boolean: 'bool',
  Bytes: 'bytea',
  'DateTime @db.Timestamptz(3)': 'timestamptz',
};

/** What schema.prisma says of columns and keys, read as text: a second opinion on what the client believes. */
async function readPrismaSchema(): Promise<{ columns: Column[]; keys: Record<string, string[]> }> {
  const text = await readFile(new URL('../src/store/schema.prisma', import.meta.url), 'utf8');
  const models = [...text.matchAll(/^model (\w+) \{\n([\s\S]*?)^\}/gm)].map(([, name = '', body = '']) => ({
    name,
    lines: body.split('\n').map((line) => line.trim()),
  }));
  const names = new Set(models.map(({ name }) => name));
  const columns: Column[] = [];
  const keys: Record<string, string[]> = {};
  for (const { lines } of models) {
    const table = /@@map\("(\w+)"\)/.exec(lines.join('\n'))?.[1] ?? '';
    const columnOf = new Map<string, string>();
    const single: string[] = [];
    for (const line of lines) {
      const field = /^(\w+)\s+(\w+)(\?|\[\])?(.*)$/.exec(line);
      if (!field || names.has(field[2] ?? '')) continue;
      const [, name = '', scalar = '', mark = '', rest = ''] = field;
      const column = /@map\("(\w+)"\)/.exec(rest)?.[1] ?? name;
      const native = /@db\.\w+(?:\(\d+\))?/.exec(rest)?.[0];
      const type = scalars[native ? `${scalar} ${native}` : scalar];
      if (type === undefined) throw new Error(`unknown type of ${table}.${column}`);
      columnOf.set(name, column);
      columns.push({ table, column, type, required: mark !== '?' });
      if (/@id\b/.test(rest)) single.push(column);
    }
    const compound = /@@id\(\[([^\]]+)\]\)/.exec(lines.join('\n'))?.[1];
    keys[table] = compound ? compound.split(',').map((name) => columnOf.get(name.trim()) ?? '') : single;
  }
  return { columns, keys };
}

const byName = (a: Column, b: Column) => (`${a.table}.${a.column}` < `${b.table}.${b.column}` ? -1 : 1);

test("Prisma's schema is what the migrations made", async () => {
  const wanted = await readPrismaSchema();
  const columns = await world.database.query<Column & Record<string, unknown>>(`
    select table_name as table, column_name as column, udt_name as type, is_nullable = 'NO' as required
    from information_schema.columns where table_schema = 'auth' and table_name <> 'migrations'`);
  expect(columns.sort(byName)).toEqual(wanted.columns.sort(byName));

  const keys = await world.database.query<{ table: string; columns: string[] }>(`
    select c.relname as table, array_agg(a.attname::text order by k.place) as columns
    from pg_index i
    join pg_class c on c.oid = i.indrelid
    join pg_namespace n on n.oid = c.relnamespace
    cross join lateral unnest(i.indkey::int[]) with ordinality as k (number, place)
    join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number
    where i.indisprimary and n.nspname = 'auth' and c.relname <> 'migrations'
    group by c.relname`);
  expect(Object.fromEntries(keys.map(({ table, columns: each }) => [table, each]))).toEqual(wanted.keys);
});
