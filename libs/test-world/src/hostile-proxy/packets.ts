/*
 * Engine.IO v4 and Socket.IO v5 packets over WebSocket, as text and in the main namespace: all that the gateway and
 * its clients speak. `2` beside an engine's `4` is an event, `3` its acknowledgement.
 */

export type Packet =
  /** `id`: an acknowledgement is wanted. */
  | { kind: 'event'; id: number | null; event: string; payload: unknown }
  | { kind: 'ack'; id: number; answer: unknown }
  /** Handshakes, heartbeats, ends. */
  | { kind: 'other'; text: string };

const EVENT = /^42(\d*)(\[.*\])$/s;
const ACK = /^43(\d+)(\[.*\])$/s;

export function readPacket(text: string): Packet {
  const event = EVENT.exec(text);
  if (event) {
    const [name, payload] = JSON.parse(event[2] ?? '') as unknown[];
    const id = event[1] ? Number(event[1]) : null;
    return { kind: 'event', id, event: String(name), payload };
  }
  const ack = ACK.exec(text);
  if (ack) {
    const [answer] = JSON.parse(ack[2] ?? '') as unknown[];
    return { kind: 'ack', id: Number(ack[1]), answer };
  }
  return { kind: 'other', text };
}

export function writePacket(packet: Packet): string {
  switch (packet.kind) {
    case 'event':
      return `42${packet.id ?? ''}${JSON.stringify([packet.event, packet.payload])}`;
    case 'ack':
      return `43${packet.id}${JSON.stringify([packet.answer])}`;
    case 'other':
      return packet.text;
  }
}
