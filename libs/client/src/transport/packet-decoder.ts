import { Decoder } from 'socket.io-parser';

/** What a gateway sends: connected, disconnected, an event, an acknowledgement, a refused connection; all as text. */
const KNOWN_PACKET = /^(?:0\{|1$|2\[|3\d+\[|4\{)/;

/**
 * Socket.IO's own decoder for the packets that a gateway sends, and an error for every other: socket.io-client takes
 * an event or a refusal without a body for granted and throws outside of any handler, which ends a Node process.
 * Thrown here, it ends the connection only.
 */
export class PacketDecoder extends Decoder {
  override add(packet: unknown): void {
    if (typeof packet !== 'string' || !KNOWN_PACKET.test(packet))
      throw new Error('not a packet of a gateway');
    super.add(packet);
  }
}
