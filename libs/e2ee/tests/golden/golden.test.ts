import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { DamageReason, JudgeRefusal, SkipReason } from '../../src/index.js';
import { replay, scene } from './corpus.js';

const folder = new URL('corpus/', import.meta.url);
const scenes = readdirSync(folder)
  .sort()
  .map((file) => {
    const text = readFileSync(new URL(file, folder), 'utf8');
    return { name: file.replace('.json', ''), ...scene.parse(JSON.parse(text)) };
  });

/** Each way in which a commit can fail; the compiler sees to it that none is missing. */
const reasons = {
  malformed: true,
  framing: true,
  'not-a-commit': true,
  'other-group': true,
  'other-epoch': true,
  'commit-info-malformed': true,
  unreadable: true,
  signature: true,
  'proposal-reference': true,
  'proposal-type': true,
  'mls-rules': true,
  'update-path': true,
  'stale-commit-seq': true,
  'info-conversation': true,
  'info-incarnation': true,
  'info-kind': true,
  'info-adds': true,
  'info-removes': true,
  'info-users': true,
  'info-members': true,
  extensions: true,
  'state-malformed': true,
  'state-identity': true,
  'state-parent': true,
  'state-version': true,
  'state-since': true,
  capabilities: true,
  'leaf-changed': true,
  'leaf-credential': true,
  'leaf-certificate': true,
  'leaf-extensions': true,
  'key-package': true,
  'duplicate-device': true,
  'leaf-without-user': true,
  'banned-user': true,
  'direct-people': true,
  'self-people': true,
  'no-owner': true,
  'role-add': true,
  'role-remove': true,
  'role-change': true,
  'role-settings': true,
  'device-evidence': true,
  'device-list-version': true,
  'device-unlisted': true,
  'device-left-behind': true,
  'leave-evidence': true,
  'repair-evidence': true,
  'join-evidence': true,
  'evidence-signature': true,
  'evidence-unused': true,
  limits: true,
  'path-secret': true,
  'confirmation-tag': true,
  'own-unknown': true,
} satisfies Record<SkipReason | JudgeRefusal | DamageReason, true>;

test('every verdict and every reason is on record', () => {
  const recorded = scenes.flatMap(({ commits }) => commits.map(({ verdict }) => verdict));
  expect([...new Set(recorded.map(({ kind }) => kind))].sort()).toEqual([
    'applied',
    'damaged',
    'removed',
    'skipped',
  ]);
  const found = new Set(recorded.flatMap(({ reason }) => reason ?? []));
  expect([...found].sort()).toEqual(Object.keys(reasons).sort());
});

describe.each(scenes)('judged alike: $name', ({ observer, newestCommitSeq, commits }) => {
  test.each(commits)('$name', async ({ verdict, bytes }) => {
    expect(await replay({ observer, newestCommitSeq }, bytes)).toEqual(verdict);
  });
});
