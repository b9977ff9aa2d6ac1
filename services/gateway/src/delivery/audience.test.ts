import { beforeEach, describe, expect, test } from '@jest/globals';
import type { ConversationId, DeviceId, Seq } from '@wisp/protocol';
import { Audience } from './audience.js';

const chat = 'chat' as ConversationId;
const [ada, bo, cy] = ['ada', 'bo', 'cy'] as DeviceId[] as [DeviceId, DeviceId, DeviceId];
const at = (seq: number) => seq as Seq;
const commit = (
  seq: number,
  change: Partial<{ previous: number; adds: DeviceId[]; removes: DeviceId[] }> = {},
) => ({
  seq: at(seq),
  previousCommitSeq: at(change.previous ?? seq - 1),
  committer: ada,
  adds: change.adds ?? [],
  removes: change.removes ?? [],
});

let audience: Audience;

beforeEach(() => {
  audience = new Audience();
  audience.connect(ada);
  audience.connect(bo);
});

describe('who listens', () => {
  test('a conversation that begins is heard by its creator and by those added', () => {
    expect(audience.apply(chat, commit(1, { previous: 0, adds: [bo, cy] }))).toBe(true);
    expect([...(audience.listeners(chat, at(1)) ?? [])].sort()).toEqual([ada, bo]);
  });

  test('a removed device hears nothing more', () => {
    audience.fill(ada, [{ conversation: chat, newestCommitSeq: at(4) }]);
    audience.fill(bo, [{ conversation: chat, newestCommitSeq: at(4) }]);
    audience.apply(chat, commit(5, { previous: 4, removes: [bo] }));
    expect([...(audience.listeners(chat, at(5)) ?? [])]).toEqual([ada]);
  });

  test('a missed commit is noticed before anything is sent', () => {
    audience.fill(ada, [{ conversation: chat, newestCommitSeq: at(4) }]);
    expect(audience.listeners(chat, at(5))).toBeNull();
    expect(audience.apply(chat, commit(7, { previous: 5 }))).toBe(false);
  });

  test('an attach that is older than the stream is not believed', () => {
    audience.fill(ada, [{ conversation: chat, newestCommitSeq: at(4) }]);
    audience.apply(chat, commit(5, { previous: 4, removes: [bo] }));
    expect(audience.fill(bo, [{ conversation: chat, newestCommitSeq: at(4) }])).toEqual([chat]);
    expect(audience.listeners(chat, at(5))).toBeNull();
    audience.replace(chat, { newestCommitSeq: at(5), devices: [ada] });
    expect([...(audience.listeners(chat, at(5)) ?? [])]).toEqual([ada]);
    expect(audience.conversationsOf(bo).has(chat)).toBe(false);
  });

  test('an attach that is newer than the stream brings nobody what was before them', () => {
    audience.fill(ada, [{ conversation: chat, newestCommitSeq: at(4) }]);
    expect(audience.fill(bo, [{ conversation: chat, newestCommitSeq: at(5) }])).toEqual([chat]);
    expect(audience.listeners(chat, at(4))).toBeNull();
    audience.replace(chat, { newestCommitSeq: at(5), devices: [ada, bo] });
    expect(audience.isAhead(chat, at(4))).toBe(true);
    expect(audience.isAhead(chat, at(5))).toBe(false);
    expect(audience.conversationsOf(bo).has(chat)).toBe(true);
  });

  test('an unknown conversation that is not new asks for its members', () => {
    expect(audience.apply(chat, commit(9, { previous: 8, adds: [bo] }))).toBe(false);
  });

  test('a device is gone with its last socket', () => {
    audience.connect(bo);
    audience.fill(bo, [{ conversation: chat, newestCommitSeq: at(1) }]);
    audience.disconnect(bo);
    expect(audience.listeners(chat, at(1))?.size).toBe(1);
    audience.disconnect(bo);
    expect(audience.listeners(chat, at(1))?.size).toBe(0);
  });
});
