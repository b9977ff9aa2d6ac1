// The least that the same work can cost, in a process of its own: each message is read from a WebSocket, stored by
// plain batched INSERT, and a frame that was encoded beforehand is written to the peer. Nothing is checked.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { WebSocketServer, type WebSocket } from 'ws';

const BATCH = 64;
const [databaseUrl = '', bodyBytes = '0', frameBytes = '0'] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: databaseUrl, max: 3 });
const conversations = Array.from({ length: 100 }, () => randomUUID());
const device = randomUUID();
const delivered = Buffer.from('x'.repeat(Number(frameBytes)));

const insert = `insert into messages.floor_entries (conversation_id, seq, kind, device_id, n, accepted_at, body)
  select conversation, seq, 0, $4, seq, clock_timestamp(), body
  from unnest($1::uuid[], $2::bigint[], $3::bytea[]) as rows (conversation, seq, body)`;

interface Row {
  readonly conversation: string;
  readonly seq: number;
  readonly body: Buffer;
}

const sockets: WebSocket[] = [];
let seq = 0;
let batch: Row[] = [];
const storing = new Set<Promise<void>>();

async function store(rows: readonly Row[]): Promise<void> {
  const columns = [
    rows.map(({ conversation }) => conversation),
    rows.map((row) => row.seq),
    rows.map(({ body }) => body),
  ];
  await pool.query({ name: 'floor', text: insert, values: [...columns, device] });
}

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('connection', (socket) => {
  const index = sockets.push(socket) - 1;
  const conversation = conversations[(index >> 1) % conversations.length] ?? device;
  socket.on('message', (message: Buffer) => {
    seq += 1;
    batch.push({ conversation, seq, body: message.subarray(0, Number(bodyBytes)) });
    if (batch.length === BATCH) {
      const work = store(batch).finally(() => storing.delete(work));
      storing.add(work);
      batch = [];
    }
    sockets[index ^ 1]?.send(delivered, { binary: false });
  });
});
server.on('listening', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' ? address?.port : null);
});
process.on('disconnect', () => {
  void Promise.all(storing)
    .then(() => pool.end())
    .then(() => process.exit(0));
});
