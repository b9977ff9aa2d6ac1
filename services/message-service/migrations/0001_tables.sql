-- The log of message-service: one log per conversation, commits and messages in one order.
--
-- The conversation's row is the only serialiser. Whoever writes to a log locks that row first, in a statement of its
-- own, and looks everything up in the next one: each statement of a VOLATILE plpgsql function takes a fresh snapshot,
-- so what it reads is as of *after* the wait. In one statement the judgement would use the snapshot from before it.
-- The lock is held until the transaction is durable, so entry s + 1 never becomes visible before entry s.
--
-- Every function is called as its own transaction, in READ COMMITTED, and carries a version: two releases run side by
-- side. The tables stay unpartitioned: PostgreSQL 18.4 crashes on waiting updates joined to a hash-partitioned table.

-- One row per life of this database: a restore or a failover begins the next one.
CREATE TABLE messages.timelines (
  no                bigint      PRIMARY KEY,
  system_identifier bigint      NOT NULL,
  wal_timeline      bigint      NOT NULL,
  began_at          timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE messages.conversations (
  conversation_id uuid        PRIMARY KEY,
  head            bigint      NOT NULL DEFAULT 0,   -- seq of the newest entry
  timeline        bigint      NOT NULL,             -- under which the newest entry was written
  commit_1_seq    bigint      NOT NULL DEFAULT 0,   -- the newest commit entry
  commit_1_at     timestamptz NOT NULL DEFAULT '-infinity',
  commit_2_seq    bigint,                           -- the one before it
  commit_2_at     timestamptz,
  commit_3_seq    bigint,                           -- and the one before that
  removal_seq     bigint      NOT NULL DEFAULT 0,   -- the newest commit entry that removed anybody
  changed         xid8        NOT NULL DEFAULT pg_current_xact_id()
) WITH (fillfactor = 60);                           -- nothing but the key is indexed: every update is HOT

CREATE TABLE messages.members (
  conversation_id uuid     NOT NULL,
  device_id       uuid     NOT NULL,
  user_id         bytea    NOT NULL CHECK (octet_length(user_id) = 32),
  role            smallint NOT NULL CHECK (role BETWEEN 1 AND 4),
  joined_seq      bigint   NOT NULL,                -- may read what lies after it
  left_seq        bigint,                           -- null: is a member
  last_n          bigint   NOT NULL DEFAULT 0,      -- newest counter stored in this incarnation; a device counts from 1
  acked_seq       bigint   NOT NULL DEFAULT 0,      -- has all up to here
  deleted         boolean  NOT NULL DEFAULT false,  -- left because the account was deleted
  changed         xid8     NOT NULL DEFAULT pg_current_xact_id(),  -- moves with membership only
  PRIMARY KEY (conversation_id, device_id)
) WITH (fillfactor = 60);                           -- last_n and acked_seq are in no index: their updates are HOT
CREATE INDEX members_by_device ON messages.members (device_id) INCLUDE (conversation_id, left_seq, changed);
CREATE INDEX members_by_user ON messages.members (user_id) WHERE left_seq IS NULL;   -- for the end of an account
CREATE INDEX members_deleted ON messages.members (conversation_id) WHERE deleted;

CREATE TABLE messages.entries (
  conversation_id uuid        NOT NULL,
  seq             bigint      NOT NULL,
  kind            smallint    NOT NULL,             -- 0 message, 1 commit
  device_id       uuid        NOT NULL,             -- the uploader
  n               bigint,                           -- of a message: the device's counter
  commit_id       uuid,                             -- of a commit
  accepted_at     timestamptz NOT NULL,             -- in whole milliseconds: what is told is what is stored
  expires_at      timestamptz NOT NULL DEFAULT 'infinity',
  mode            smallint    NOT NULL DEFAULT 0,   -- 0 stays, 1 expires after send, 2 after read
  ttl             integer,                          -- seconds, as the sender set it
  key_id          integer     NOT NULL DEFAULT 0,   -- shredding bucket of the body; 0 is never shredded
  body            bytea       NOT NULL,
  PRIMARY KEY (conversation_id, seq)
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.2, autovacuum_vacuum_cost_delay = 0);
ALTER TABLE messages.entries ALTER body SET STORAGE EXTERNAL;   -- ciphertext does not compress
CREATE UNIQUE INDEX entries_commits ON messages.entries (conversation_id, commit_id) WHERE kind = 1;
CREATE INDEX entries_expiring ON messages.entries (expires_at) WHERE expires_at < 'infinity';
CREATE INDEX entries_after_read ON messages.entries (conversation_id, seq) WHERE mode = 2;

-- Where a conversation stood when it was first written to under a timeline: what lay above is lost.
CREATE TABLE messages.forks (
  conversation_id uuid   NOT NULL,
  timeline        bigint NOT NULL,
  head            bigint NOT NULL,
  PRIMARY KEY (conversation_id, timeline)
);

-- Milliseconds since 1970, as the wire has them; null for "never".
CREATE FUNCTION messages.millis_v1(p_at timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT (extract(epoch FROM nullif(p_at, 'infinity')) * 1000)::bigint
$$;

-- The number of the timeline that this database lives on; a new row when it has moved, or when the restore command
-- says so. A number is never used again, also after a restore that took the newer rows away: hence the seconds.
CREATE FUNCTION messages.note_timeline_v1(p_restored boolean DEFAULT false)
RETURNS bigint LANGUAGE plpgsql VOLATILE SET search_path = messages AS $$
DECLARE
  here_system bigint := (SELECT s.system_identifier FROM pg_control_system() s);
  here_wal bigint := ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint;
  newest timelines;
BEGIN
  SELECT * INTO newest FROM timelines ORDER BY no DESC LIMIT 1;
  IF newest.system_identifier = here_system AND newest.wal_timeline = here_wal AND NOT p_restored THEN
    RETURN newest.no;
  END IF;
  LOCK TABLE timelines IN SHARE ROW EXCLUSIVE MODE;
  SELECT * INTO newest FROM timelines ORDER BY no DESC LIMIT 1;      -- another replica may have noted it meanwhile
  IF newest.system_identifier = here_system AND newest.wal_timeline = here_wal AND NOT p_restored THEN
    RETURN newest.no;
  END IF;
  INSERT INTO timelines (no, system_identifier, wal_timeline)
    VALUES (CASE WHEN newest.no IS NULL THEN 1 ELSE greatest(newest.no + 1, extract(epoch FROM clock_timestamp())::bigint) END, here_system, here_wal)
    RETURNING * INTO newest;
  RETURN newest.no;
END $$;
