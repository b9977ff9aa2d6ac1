import type { AccountView, PersonView } from '@wisp/client';
import type { ConversationId, DeviceId, UserId, Username } from '@wisp/protocol';

export function person(username: string, first: string, verified = false): PersonView {
  return {
    userId: `${first}${'x'.repeat(41)}A` as UserId,
    username: username as Username,
    verified,
    deletedAccount: false,
  };
}

export const me: AccountView = {
  userId: `D${'y'.repeat(41)}A` as UserId,
  username: 'ada.renn' as Username,
  deviceId: '00000000-0000-4000-8000-000000000001' as DeviceId,
  registeredAt: 0,
};

export const people = {
  bo: person('bo.strand', 'E'),
  chidi: person('chidi.vale', 'A', true),
  dara: person('dara.moss', 'C', true),
  max: person('maximiliana.oluwaseun-feathersto', 'G'),
  farid: person('farid.quill', 'H'),
  noa: person('noa.ron', 'F', true),
  grete: person('grete.holm', 'B'),
  hana: person('hana.reed', 'N'),
  esi: person('esi.lark', 'O'),
};

export function conversationIdOf(n: number): ConversationId {
  return `0192f000-0000-7000-8000-${String(n).padStart(12, '0')}` as ConversationId;
}
