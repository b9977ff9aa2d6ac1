import type { ConversationId, DeviceId, Seq } from '@wisp/protocol';

interface Membership {
  /** The commit entry that this is the membership of. */
  commitSeq: Seq;
  /** Member devices that are connected here. */
  devices: Set<DeviceId>;
}

export interface MemberChange {
  seq: Seq;
  previousCommitSeq: Seq;
  /** The committer: a member, and of a new conversation the first. */
  committer: DeviceId;
  adds: readonly DeviceId[];
  removes: readonly DeviceId[];
}

/**
 * Who listens to what on this gateway: conversation → member devices that are connected here. `attach` fills it,
 * the commits in the delivery stream move it; whoever finds it older than an item asks message-service first, so
 * that a removed device is sent nothing more.
 */
export class Audience {
  private readonly conversations = new Map<ConversationId, Membership>();
  private readonly attached = new Map<DeviceId, Set<ConversationId>>();
  private readonly connected = new Map<DeviceId, number>();

  /** A socket of a device is here; call it before asking `attach`, so that no commit in between is missed. */
  connect(device: DeviceId): void {
    this.connected.set(device, (this.connected.get(device) ?? 0) + 1);
  }

  disconnect(device: DeviceId): void {
    const left = (this.connected.get(device) ?? 0) - 1;
    if (left > 0) {
      this.connected.set(device, left);
      return;
    }
    this.connected.delete(device);
    for (const conversation of this.attached.get(device) ?? []) this.removeDevice(conversation, device);
    this.attached.delete(device);
  }

  isConnected(device: DeviceId): boolean {
    return this.connected.has(device);
  }

  /**
   * What `attach` answered. Returns the conversations where it is of another commit than what is known here: since when
   * and whether still the device is a member there, only message-service knows; ask it and `replace`.
   */
  fill(
    device: DeviceId,
    conversations: readonly { conversation: ConversationId; newestCommitSeq: Seq }[],
  ): ConversationId[] {
    if (!this.isConnected(device)) return [];
    const inDoubt: ConversationId[] = [];
    for (const { conversation, newestCommitSeq } of conversations) {
      const known = this.conversations.get(conversation);
      if (known === undefined) {
        this.conversations.set(conversation, { commitSeq: newestCommitSeq, devices: new Set([device]) });
      } else if (known.commitSeq === newestCommitSeq) {
        known.devices.add(device);
      } else if (!known.devices.has(device)) {
        known.commitSeq = OUTDATED;
        inDoubt.push(conversation);
        continue;
      }
      this.note(device, conversation);
    }
    return inDoubt;
  }

  /** Member devices connected here as of a commit; null: what is known is older, or nothing is known. */
  listeners(conversation: ConversationId, newestCommitSeq: Seq): ReadonlySet<DeviceId> | null {
    const known = this.conversations.get(conversation);
    if (known === undefined) return EMPTY;
    return known.commitSeq >= newestCommitSeq ? known.devices : null;
  }

  /** Whether what is known is newer than this commit: some of its devices may have come since. */
  isAhead(conversation: ConversationId, newestCommitSeq: Seq): boolean {
    const known = this.conversations.get(conversation);
    return known !== undefined && known.commitSeq > newestCommitSeq;
  }

  /** Moves the membership by a commit. False: commits in between are missing; ask for the members. */
  apply(conversation: ConversationId, change: MemberChange): boolean {
    const known = this.conversations.get(conversation);
    const joining = [change.committer, ...change.adds].filter((device) => this.isConnected(device));
    if (known === undefined) {
      if (joining.length === 0) return true;
      // Other members may be connected here without this gateway knowing the conversation: only when it is new.
      if (change.previousCommitSeq !== 0) return false;
      this.conversations.set(conversation, { commitSeq: change.seq, devices: new Set() });
      this.addAll(conversation, joining);
      return true;
    }
    if (known.commitSeq >= change.seq) return true;
    if (known.commitSeq !== change.previousCommitSeq) return false;
    for (const device of change.removes) this.removeDevice(conversation, device);
    this.conversations.set(conversation, { commitSeq: change.seq, devices: known.devices });
    this.addAll(conversation, joining);
    return true;
  }

  /** The members as message-service has them. */
  replace(
    conversation: ConversationId,
    members: { newestCommitSeq: Seq; devices: readonly DeviceId[] },
  ): void {
    const devices = new Set(members.devices.filter((device) => this.isConnected(device)));
    for (const device of this.conversations.get(conversation)?.devices ?? []) {
      if (!devices.has(device)) this.attached.get(device)?.delete(conversation);
    }
    if (devices.size === 0) {
      this.conversations.delete(conversation);
      return;
    }
    this.conversations.set(conversation, { commitSeq: members.newestCommitSeq, devices });
    for (const device of devices) this.note(device, conversation);
  }

  /** The log was restored: its members may be others, and its commits stand at lower places. */
  outdate(): void {
    for (const known of this.conversations.values()) known.commitSeq = OUTDATED;
  }

  /** Memberships that ended without a commit. */
  end(conversation: ConversationId, devices: readonly DeviceId[]): void {
    for (const device of devices) this.removeDevice(conversation, device);
  }

  /** Whoever was a listener when last known: may be told to sync, never what to. */
  anyone(conversation: ConversationId): ReadonlySet<DeviceId> {
    return this.conversations.get(conversation)?.devices ?? EMPTY;
  }

  conversationsOf(device: DeviceId): ReadonlySet<ConversationId> {
    return this.attached.get(device) ?? new Set();
  }

  private addAll(conversation: ConversationId, devices: readonly DeviceId[]): void {
    for (const device of devices) {
      this.conversations.get(conversation)?.devices.add(device);
      this.note(device, conversation);
    }
  }

  private note(device: DeviceId, conversation: ConversationId): void {
    const conversations = this.attached.get(device) ?? new Set();
    conversations.add(conversation);
    this.attached.set(device, conversations);
  }

  private removeDevice(conversation: ConversationId, device: DeviceId): void {
    const known = this.conversations.get(conversation);
    known?.devices.delete(device);
    if (known?.devices.size === 0) this.conversations.delete(conversation);
    this.attached.get(device)?.delete(conversation);
  }
}

const EMPTY: ReadonlySet<DeviceId> = new Set();
const OUTDATED = -1 as Seq;
