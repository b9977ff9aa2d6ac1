import { limits, type DeliveryItem } from '@wisp/protocol';

/** Room for process, number, timeline and braces. */
const ENVELOPE_OVERHEAD = 512;
const ITEM_OVERHEAD = 400;
const BYTES_PER_ADD = 120;
const BYTES_PER_DEVICE = 40;
const BYTES_PER_SEQ = 17;

/** Splits items into lists that each fit an envelope, in their order. */
export function packEnvelopes(
  items: readonly DeliveryItem[],
  maxBytes: number = limits.envelopeBytes,
): DeliveryItem[][] {
  const lists: DeliveryItem[][] = [];
  let list: DeliveryItem[] = [];
  let bytes = ENVELOPE_OVERHEAD;
  for (const item of items) {
    const size = sizeOf(item);
    if (list.length > 0 && bytes + size > maxBytes) {
      lists.push(list);
      list = [];
      bytes = ENVELOPE_OVERHEAD;
    }
    list.push(item);
    bytes += size;
  }
  if (list.length > 0) lists.push(list);
  return lists;
}

/** At least what the item takes as JSON; its text is ASCII. */
function sizeOf(item: DeliveryItem): number {
  switch (item.kind) {
    case 'message':
      return ITEM_OVERHEAD + item.body.length;
    case 'commit':
      return (
        ITEM_OVERHEAD +
        (item.body?.length ?? 0) +
        BYTES_PER_ADD * item.adds.length +
        BYTES_PER_DEVICE * item.removes.length
      );
    case 'expired':
      return ITEM_OVERHEAD + BYTES_PER_SEQ * item.seqs.length;
    case 'ended':
      return ITEM_OVERHEAD + BYTES_PER_DEVICE * item.devices.length;
    case 'head':
    case 'acked':
      return ITEM_OVERHEAD;
  }
}
