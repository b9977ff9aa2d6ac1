import type { Bus, Subscription } from '@wisp/bus';
import { decodeBase64url, subjects, type AppendCommitRequest } from '@wisp/protocol';
import { appendCommit, type CommitPorts } from '../domain/append-commit.js';
import type { NewCommit } from '../domain/log.js';
import { queue, shard } from './bus-address.js';

const OWNER = 4;
const openings = { create: 'conversation', incarnation: 'incarnation' } as const;

export function handleAppendCommit(bus: Bus, ports: CommitPorts): Subscription {
  return bus.handle(subjects.appendCommit(shard), { queue }, (request) =>
    appendCommit(ports, toCommit(request)),
  );
}

function toCommit({ opens, creatorRole = OWNER, body, ...rest }: AppendCommitRequest): NewCommit {
  return {
    ...rest,
    creatorRole,
    opens: opens === undefined ? 'nothing' : openings[opens],
    body: decodeBase64url(body),
  };
}
