const KIB = 1024;
const MIB = 1024 * KIB;
const SECOND = 1;
const DAY = 24 * 60 * 60 * SECOND;

/** Bounds that both sides keep (protocol §4–5, server §2 and §5). Bytes and seconds unless named otherwise. */
export const limits = {
  messageBytes: 64 * KIB,
  commitBytes: 1 * MIB,
  welcomeBytes: 3 * MIB,
  keyPackageBytes: 8 * KIB,
  vaultBytes: 256 * KIB,
  deviceListBytes: 8 * KIB,
  /** Entries above this are rung, not pushed. */
  pushedEntryBytes: 32 * KIB,
  envelopeBytes: 1_000_000,
  messagesPerAppend: 16,
  unacknowledgedMessages: 32,
  unacknowledgedBytes: 256 * KIB,
  fetchConversations: 50,
  fetchEntries: 200,
  fetchBytes: 1_000_000,
  deletionsPerRequest: 200,
  keyPackagesPerUpload: 100,
  devicesPerUser: 8,
  usersPerGroup: 500,
  devicesPerGroup: 700,
  addsPerCommit: 50,
  ttlMin: 1 * SECOND,
  ttlMax: 366 * DAY,
  /** An after-read message that nobody reads goes after this. */
  unreadLimit: 28 * DAY,
  /** The lifetime of a KeyPackage at most. */
  keyPackageLifetime: 30 * DAY,
} as const;
