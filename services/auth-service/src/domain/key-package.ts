import type { ConversationId, DeviceId, UserId } from '@wisp/protocol';

export interface NewKeyPackage {
  ref: Uint8Array;
  bytes: Uint8Array;
  /** End of its lifetime, ms. */
  notAfter: number;
}

export interface Claim {
  claimer: UserId;
  /** It needs no package of its own. */
  claimerDevice: DeviceId;
  claimId: string;
  target: UserId;
  conversation: ConversationId;
}

export interface ClaimedPackage {
  deviceId: DeviceId;
  ref: Uint8Array;
  bytes: Uint8Array;
  lastResort: boolean;
}

export interface ClaimedPackages {
  kind: 'claimed';
  /** The list as it was at the first answer. */
  deviceList: Uint8Array;
  packages: ClaimedPackage[];
}

export interface ClaimQuestion {
  claimer: UserId;
  conversation: ConversationId;
  packages: readonly { user: UserId; device: DeviceId; ref: Uint8Array }[];
}

export interface KeyPackages {
  /**
   * Packages that are known, also spent ones, are left as they are, and one-time ones beyond `stockLimit` are left out.
   * Null: the device isn't listed.
   */
  add(
    device: { userId: UserId; deviceId: DeviceId },
    packages: { oneTime: NewKeyPackage[]; lastResort: NewKeyPackage | undefined; stockLimit: number },
  ): Promise<{ count: number } | null>;
  /** Unspent and unexpired. */
  count(deviceId: DeviceId): Promise<{ count: number; lastResort: boolean }>;
  /**
   * One package per listed device: a one-time one, or the last-resort one where there is none or the claimer has
   * taken `perHour` claims of this target in the last hour. A known claimId gets its first answer.
   */
  claim(
    claim: Claim,
    perHour: number,
  ): Promise<
    | ClaimedPackages
    | { kind: 'no-such-user' }
    | { kind: 'no-key-packages' }
    /** The claimId was used for something else. */
    | { kind: 'claim-taken' }
    /** The claimer's account was deleted. */
    | { kind: 'gone' }
  >;
  /** Per package: was it handed to this claimer for this conversation? */
  wereClaimed(question: ClaimQuestion): Promise<boolean[]>;
}
