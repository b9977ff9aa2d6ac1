import { clientFrames, serverFrames } from '@wisp/protocol';
import { WebSocket, type RawData } from 'ws';
import type { LieBook } from './lies.js';
import { readPacket, writePacket, type Packet } from './packets.js';

const sent = new Map(clientFrames.map((frame) => [frame.event as string, frame]));
const received = new Map(serverFrames.map((frame) => [frame.event as string, frame]));

export interface SocketRelay {
  /** A packet that the server never sent. */
  push(text: string): void;
  close(): void;
}

export interface SocketRelayParts {
  /** The engine's end. */
  near: WebSocket;
  /** Where the server's gateway listens. */
  target: URL;
  lies: LieBook;
  /** Called with every frame as the server sent it. */
  onHeard: (event: string, payload: unknown) => void;
  onClosed: () => void;
}

/** One connection between an engine and the gateway, frame by frame. */
export function relaySocket({ near, target, lies, onHeard, onClosed }: SocketRelayParts): SocketRelay {
  const far = new WebSocket(target, { perMessageDeflate: false });
  /** Until the server's end is open. */
  const early: string[] = [];
  /** What the engine's unanswered frames were. */
  const asked = new Map<number, string>();

  const toEngine = (packet: Packet) => {
    if (near.readyState === WebSocket.OPEN) near.send(writePacket(packet));
  };
  const toServer = (text: string) => {
    if (far.readyState === WebSocket.OPEN) far.send(text);
    else if (far.readyState === WebSocket.CONNECTING) early.push(text);
  };

  function fromEngine(packet: Packet): void {
    const frame = packet.kind === 'event' ? sent.get(packet.event) : undefined;
    if (packet.kind !== 'event' || frame === undefined) return toServer(writePacket(packet));
    if (packet.id !== null) asked.set(packet.id, packet.event);
    const passage = lies.changeSend(packet.event, frame.payload.parse(packet.payload));
    if (passage.kind === 'pass') toServer(writePacket({ ...packet, payload: passage.payload }));
    if (passage.kind === 'answer' && packet.id !== null)
      toEngine({ kind: 'ack', id: packet.id, answer: passage.ack });
  }

  function fromServer(packet: Packet): void {
    if (packet.kind === 'ack') {
      const frame = sent.get(asked.get(packet.id) ?? '');
      const ack = frame?.ack.safeParse(packet.answer);
      // An error ack passes as it is.
      if (frame === undefined || !ack?.success) return toEngine(packet);
      for (const answer of lies.changeAck(frame.event, ack.data)) toEngine({ ...packet, answer });
      return;
    }
    const frame = packet.kind === 'event' ? received.get(packet.event) : undefined;
    if (packet.kind !== 'event' || frame === undefined) return toEngine(packet);
    const payload: unknown = frame.payload.parse(packet.payload);
    onHeard(packet.event, payload);
    for (const changed of lies.changeFrame(packet.event, payload)) toEngine({ ...packet, payload: changed });
  }

  near.on('message', (data: RawData) => fromEngine(readPacket(textOf(data))));
  far.on('message', (data: RawData) => fromServer(readPacket(textOf(data))));
  far.on('open', () => {
    for (const text of early.splice(0)) far.send(text);
  });
  near.on('close', () => {
    far.terminate();
    onClosed();
  });
  far.on('close', () => near.terminate());
  // A cut line resets an end; its close follows.
  for (const end of [near, far]) end.on('error', () => undefined);

  return {
    push(text) {
      if (near.readyState === WebSocket.OPEN) near.send(text);
    },
    close: () => near.terminate(),
  };
}

/** Without binary attachments everything is text, in one piece. */
function textOf(data: RawData): string {
  return (data as Buffer).toString();
}
