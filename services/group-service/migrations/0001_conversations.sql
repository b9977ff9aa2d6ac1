-- What the server knows of conversations: who is in them, with which role, and which commit is on its way to the log.
-- The log (message-service) is the truth; these tables follow it by seq.

CREATE TABLE groups.conversations (
  conversation_id   uuid        PRIMARY KEY,
  kind              text        NOT NULL CHECK (kind IN ('direct', 'group', 'self')),
  incarnation       integer     NOT NULL DEFAULT 0,  -- 0: its first commit isn't known to be in the log yet
  newest_commit_seq bigint      NOT NULL DEFAULT 0,
  created_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- When the next commit would be on time if none came early (GCRA): the rate limit, exact over all replicas.
  next_commit_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- A pair of users (low < high) has one direct conversation, a user (low = high) one self conversation.
CREATE TABLE groups.direct_pairs (
  low_user_id     bytea NOT NULL CHECK (octet_length(low_user_id) = 32),
  high_user_id    bytea NOT NULL CHECK (octet_length(high_user_id) = 32),
  conversation_id uuid  NOT NULL UNIQUE REFERENCES groups.conversations ON DELETE CASCADE,
  PRIMARY KEY (low_user_id, high_user_id),
  CHECK (low_user_id <= high_user_id)
);

CREATE TABLE groups.roster (
  conversation_id uuid        NOT NULL REFERENCES groups.conversations ON DELETE CASCADE,
  user_id         bytea       NOT NULL CHECK (octet_length(user_id) = 32),
  role            smallint    NOT NULL CHECK (role BETWEEN 1 AND 4),
  list_version    integer     NOT NULL DEFAULT 0,    -- the newest device list that a commit named; 0: none yet
  left_at         timestamptz,                       -- asked to leave: served no more, until a commit says so
  PRIMARY KEY (conversation_id, user_id)
);
CREATE INDEX roster_by_user ON groups.roster (user_id);

-- Devices stay after they left: the log lets a former member in only if it is told so.
CREATE TABLE groups.devices (
  conversation_id uuid    NOT NULL REFERENCES groups.conversations ON DELETE CASCADE,
  device_id       uuid    NOT NULL,
  user_id         bytea   NOT NULL CHECK (octet_length(user_id) = 32),
  is_member       boolean NOT NULL,
  PRIMARY KEY (conversation_id, device_id)
);

-- A commit that was found right and may be in the log or not: asking the log again decides. One per conversation.
CREATE TABLE groups.pending_commits (
  conversation_id uuid        PRIMARY KEY REFERENCES groups.conversations ON DELETE CASCADE,
  commit_id       uuid        NOT NULL,
  position        bigint      GENERATED ALWAYS AS IDENTITY,
  user_id         bytea       NOT NULL CHECK (octet_length(user_id) = 32),
  device_id       uuid        NOT NULL,
  last_commit_seq bigint      NOT NULL,
  body            bytea       NOT NULL,
  hash            bytea       NOT NULL CHECK (octet_length(hash) = 32),
  delta           jsonb       NOT NULL,
  welcome         bytea,
  is_limited      boolean     NOT NULL,              -- counts against its user's hourly limit
  tried_at        timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX pending_commits_by_try ON groups.pending_commits (tried_at);
ALTER TABLE groups.pending_commits ALTER body SET STORAGE EXTERNAL, ALTER welcome SET STORAGE EXTERNAL;

-- The answers that were given: a retry gets the first one.
CREATE TABLE groups.commits (
  conversation_id uuid        NOT NULL REFERENCES groups.conversations ON DELETE CASCADE,
  commit_id       uuid        NOT NULL,
  seq             bigint      NOT NULL,
  user_id         bytea       NOT NULL CHECK (octet_length(user_id) = 32),
  device_id       uuid        NOT NULL,
  hash            bytea       NOT NULL CHECK (octet_length(hash) = 32),
  accepted_at     timestamptz NOT NULL,
  is_limited      boolean     NOT NULL,
  PRIMARY KEY (conversation_id, commit_id),
  UNIQUE (conversation_id, seq)
);

-- One Welcome serves all devices that its commit added.
CREATE TABLE groups.welcome_bodies (
  conversation_id uuid  NOT NULL,
  commit_id       uuid  NOT NULL,
  body            bytea NOT NULL,
  PRIMARY KEY (conversation_id, commit_id),
  FOREIGN KEY (conversation_id, commit_id) REFERENCES groups.commits ON DELETE CASCADE
);
ALTER TABLE groups.welcome_bodies ALTER body SET STORAGE EXTERNAL;

CREATE TABLE groups.welcomes (
  welcome_id      uuid   PRIMARY KEY DEFAULT gen_random_uuid(),
  position        bigint GENERATED ALWAYS AS IDENTITY,
  conversation_id uuid   NOT NULL,
  commit_id       uuid   NOT NULL,
  device_id       uuid   NOT NULL,
  user_id         bytea  NOT NULL CHECK (octet_length(user_id) = 32),
  FOREIGN KEY (conversation_id, commit_id) REFERENCES groups.welcome_bodies ON DELETE CASCADE
);
CREATE INDEX welcomes_by_device ON groups.welcomes (device_id, position);
CREATE INDEX welcomes_by_commit ON groups.welcomes (conversation_id, commit_id);
CREATE INDEX welcomes_by_user ON groups.welcomes (user_id);

-- Signed statements that wait for a member's commit.
CREATE TABLE groups.requests (
  conversation_id uuid        NOT NULL REFERENCES groups.conversations ON DELETE CASCADE,
  kind            text        NOT NULL CHECK (kind IN ('leave', 'repair', 'join')),
  user_id         bytea       NOT NULL CHECK (octet_length(user_id) = 32),
  device_id       uuid        NOT NULL,
  statement       bytea       NOT NULL,
  at              timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (conversation_id, kind, user_id, device_id)
);

CREATE TABLE groups.deleted_users (
  user_id    bytea       PRIMARY KEY CHECK (octet_length(user_id) = 32),
  deleted_at timestamptz NOT NULL
);
