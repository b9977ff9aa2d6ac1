import type { MessageView } from '@wisp/client';
import type { ConversationId } from '@wisp/protocol';
import { at, burning, notStarted, script } from './messages.js';
import { people } from './people.js';

const WEEK = 604_800;

export function boTimeline(id: ConversationId): MessageView[] {
  const bo = script(id, people.bo);
  const plan = [
    'Here is the plan for Thursday, so that neither of us has to keep it anywhere else:',
    '',
    '1. You rotate the backup key at 18:00 and read me the last four words.',
    '2. I restore the members’ folder on the spare machine and count the files. It should be 18,204.',
    '3. Dara wipes the old disk while we are both on the line. If anything looks off we stop, and the old disk stays in the safe.',
    '',
    'None of this belongs in the minutes.',
  ].join('\n');
  const planned = { ...burning(bo.mine(at('09:15'), plan), 3), order: 5.5 };
  if (planned.content.kind === 'text') planned.content.edited = true;
  return [
    burning(bo.theirs(at('18:00', 1), 'The offsite copy finished. 412 GB, no errors this time.'), 1, WEEK),
    burning(bo.theirs(at('18:02', 1), 'I’ll leave it running over the weekend unless you object.'), 1, WEEK),
    burning(
      bo.mine(
        at('18:10', 1),
        'No objection. Please restore one folder as well. A copy nobody has restored is only a hope. See https://example.org/restore for `rsync -a`.',
      ),
      1,
      WEEK,
    ),
    bo.notice(at('18:20', 1), {
      kind: 'timer-changed',
      by: people.bo.userId,
      timer: { mode: 'afterRead', ttlSeconds: 3600 },
    }),
    burning(bo.theirs(at('09:12'), 'Agreed. Nobody needs that address any more.', 'gone'), 3),
    planned,
    burning(bo.theirs(at('09:20'), '18,211 by now. Hana added seven scans this morning.', planned), 2),
    burning(bo.theirs(at('09:22'), 'ונועה מאשרת: המפתח אצלה, נתראה ביום חמישי בשמונה.'), 2),
    bo.content(at('09:23'), { kind: 'deleted', by: people.bo.userId }),
    bo.notice(at('09:30'), { kind: 'started-over', userId: people.bo.userId, verified: false }),
    burning(bo.theirs(at('09:37'), 'The disk is out of the safe.'), 0),
    burning(
      bo.theirs(at('09:38'), 'Starting now. Please don’t write the serial number in here, timer or not.'),
      0,
    ),
    burning(bo.mine(at('09:41'), 'Understood.'), 0),
    burning(
      bo.mine(at('09:42'), 'I’m at the spare machine. It asks for the second key.', { kind: 'delivered' }),
      0,
    ),
    bo.mine(at('09:42'), 'The log of the restore, all 4,812 lines of it', {
      kind: 'failed',
      reason: 'too-large',
    }),
    burning(bo.mine(at('09:43'), 'It took the key.', { kind: 'sent' }), 0),
    notStarted(bo.mine(at('09:43'), 'Reading it to you by phone in a minute.', { kind: 'sending' })),
  ];
}

export function faridTimeline(id: ConversationId): MessageView[] {
  const farid = script(id, people.farid);
  return [
    burning(
      farid.theirs(
        at('16:10', 3),
        'The draft is with the printer. They want the logo as a vector by Monday.',
      ),
      5,
    ),
    farid.content(at('16:30', 3), { kind: 'undecryptable', reason: 'key-gone' }),
    farid.content(at('16:40', 3), { kind: 'undecryptable', reason: 'refused' }),
    farid.notice(at('09:00'), { kind: 'let-back-in' }),
    farid.content(at('09:10'), { kind: 'removed-by-server' }),
    burning(farid.theirs(at('09:20'), 'Did you get my two notes from this morning?'), 0),
    farid.content(at('09:21'), { kind: 'unknown' }),
    farid.content(at('09:22'), { kind: 'undecryptable', reason: 'waiting' }),
  ];
}

/** Long enough to scroll, to load and to be fast. */
export function longTimeline(id: ConversationId): MessageView[] {
  const bo = script(id, people.bo);
  const start = Date.now() - 3000 * 240_000;
  return Array.from({ length: 3000 }, (_, n) => {
    const words = `${n}. ${'All quiet here, nothing to report. '.repeat(1 + ((n * 7) % 5))}`.trim();
    const when = start + n * 240_000;
    const message = n % 3 === 0 ? bo.mine(when, words) : bo.theirs(when, words);
    return n % 4 === 0 ? burning(message, n % 8) : message;
  });
}
