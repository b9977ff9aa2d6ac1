import type { StatementType } from '@wisp/protocol';

/** What each signature begins with (protocol §1), so that none can stand for one of another kind. */
export const signatureLabels = {
  'device-cert': 'wisp/device-cert/1',
  'device-list': 'wisp/device-list/1',
  'leave-request': 'wisp/leave/1',
  'repair-request': 'wisp/repair/1',
  'join-request': 'wisp/join/1',
  profile: 'wisp/profile/1',
} as const satisfies Record<StatementType | 'device-cert', string>;

export type SignatureLabel = keyof typeof signatureLabels;
