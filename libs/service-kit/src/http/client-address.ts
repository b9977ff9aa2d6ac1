import { isIPv6 } from 'node:net';

/**
 * What limits count a caller by: an IPv4 address, or the /64 network of an IPv6 one, since whoever has one address of it
 * has them all. Never to be stored or logged. Empty where there is none.
 */
export function clientAddress(ip: string | undefined): string {
  if (ip === undefined) return '';
  const [plain = ''] = ip.split('%', 1);
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1];
  if (mapped !== undefined) return mapped;
  return isIPv6(plain) ? networkOf(plain) : plain;
}

const GROUPS = 8;
const OF_NETWORK = 4;

function networkOf(ip: string): string {
  const [head = '', tail] = ip.split('::', 2);
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  const zeros = tail === undefined ? 0 : GROUPS - before.length - after.length;
  const groups = [...before, ...Array.from({ length: zeros }, () => 0), ...after];
  return `${groups
    .slice(0, OF_NETWORK)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

/** An IPv4 address at the end stands for two groups; of the network it is never a part that counts. */
function groupsOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => (group.includes('.') ? [0, 0] : [parseInt(group, 16)]));
}
