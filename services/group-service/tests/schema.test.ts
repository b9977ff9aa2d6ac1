import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runMigrations } from '@wisp/service-kit';
import { readFile } from 'node:fs/promises';
import { createDatabase, type TestDatabase } from './databases.js';
import { logger, migrations } from './world.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
  await runMigrations({ databaseUrl: database.url, schema: 'groups', dir: migrations, logger });
});
afterAll(() => database.drop());

interface Shape {
  /** `name type`, with `?` where null is allowed. */
  columns: string[];
  key: string[];
  /** `columns -> table(columns)`. */
  references: string[];
}

const types: Record<string, string> = {
  'String @db.Uuid': 'uuid',
  String: 'text',
  Int: 'int4',
  'Int @db.SmallInt': 'int2',
  BigInt: 'int8',
  Bytes: 'bytea',
  Boolean: 'bool',
  Json: 'jsonb',
  'DateTime @db.Timestamptz(6)': 'timestamptz',
};

const wordsIn = (text: string | undefined) => (text ?? '').split(/[\s,]+/).filter((word) => word !== '');

/** Tables as schema.prisma says they are. */
function readSchema(text: string): Record<string, Shape> {
  const models = [...text.matchAll(/^model (\w+) \{\n([\s\S]*?)^\}/gm)].map(([, name = '', body = '']) => {
    const lines = body.split('\n').map((line) => line.trim());
    const table = /@@map\("(\w+)"\)/.exec(body)?.[1] ?? name;
    const columns = new Map<string, string>();
    for (const line of lines) {
      const [, field = '', type = '', optional = '', rest = ''] =
        /^(\w+)\s+(\w+)(\?|\[\])?\s*(.*)$/.exec(line) ?? [];
      const db = /@db\.\S+/.exec(rest)?.[0];
      const column = types[db === undefined ? type : `${type} ${db}`];
      if (column === undefined) continue;
      const named = /@map\("(\w+)"\)/.exec(rest)?.[1] ?? field;
      columns.set(field, `${named} ${column}${optional}`);
    }
    return { name, table, lines, body, columns };
  });
  const tableOf = new Map(models.map((model) => [model.name, model]));
  return Object.fromEntries(
    models.map(({ table, lines, body, columns }) => {
      const nameOf = (field: string, from = columns) => from.get(field)?.split(' ')[0] ?? field;
      const single = lines.find((line) => / @id\b/.test(line))?.split(/\s+/)[0];
      const key = single === undefined ? wordsIn(/@@id\(\[([^\]]*)\]\)/.exec(body)?.[1]) : [single];
      const references = lines.flatMap((line) => {
        const match = /^\w+\s+(\w+)\s+@relation\(fields: \[([^\]]*)\], references: \[([^\]]*)\]/.exec(line);
        const target = tableOf.get(match?.[1] ?? '');
        if (match === null || target === undefined) return [];
        const own = wordsIn(match[2]).map((field) => nameOf(field));
        const theirs = wordsIn(match[3]).map((field) => nameOf(field, target.columns));
        return [`${own.join()} -> ${target.table}(${theirs.join()})`];
      });
      return [
        table,
        {
          columns: [...columns.values()].sort(),
          key: key.map((field) => nameOf(field)).sort(),
          references: references.sort(),
        },
      ];
    }),
  );
}

/** Tables as the migrations made them. */
async function readDatabase(): Promise<Record<string, Shape>> {
  const columns = await database.query<{ table: string; column: string }>(`
    select table_name as table, column_name || ' ' || udt_name || case is_nullable when 'YES' then '?' else '' end as column
    from information_schema.columns where table_schema = 'groups' and table_name <> 'migrations' order by 2`);
  const constraints = await database.query<{
    table: string;
    type: string;
    columns: string;
    target: string | null;
    theirs: string | null;
  }>(`
    select t.relname as table, k.contype as type, f.relname as target,
      (select string_agg(a.attname, ',' order by u.n) from unnest(k.conkey) with ordinality u(no, n)
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.no) as columns,
      (select string_agg(a.attname, ',' order by u.n) from unnest(k.confkey) with ordinality u(no, n)
        join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.no) as theirs
    from pg_constraint k join pg_class t on t.oid = k.conrelid left join pg_class f on f.oid = k.confrelid
    where k.connamespace = 'groups'::regnamespace and k.contype in ('p', 'f')`);
  const tables: Record<string, Shape> = {};
  for (const { table, column } of columns) {
    (tables[table] ??= { columns: [], key: [], references: [] }).columns.push(column);
  }
  for (const { table, type, columns: own, target, theirs } of constraints) {
    const shape = tables[table];
    if (type === 'p') shape?.key.push(...own.split(','));
    else shape?.references.push(`${own} -> ${target}(${theirs})`);
  }
  for (const shape of Object.values(tables)) {
    shape.columns.sort();
    shape.key.sort();
    shape.references.sort();
  }
  return tables;
}

test('the Prisma schema and the migrated database agree', async () => {
  const text = await readFile(new URL('../src/store/schema.prisma', import.meta.url), 'utf8');
  const declared = readSchema(text);
  expect(Object.keys(declared)).toHaveLength(10);
  expect(declared).toEqual(await readDatabase());
});

test('the migrations run again without an effect', async () => {
  const before = await readDatabase();
  await runMigrations({ databaseUrl: database.url, schema: 'groups', dir: migrations, logger });
  expect(await readDatabase()).toEqual(before);
});
