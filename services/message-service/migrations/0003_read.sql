-- A device's state in each of its conversations, as a gateway needs it to deliver: one row per conversation.
CREATE FUNCTION messages.attach_device_v1(p_user bytea, p_device uuid)
RETURNS TABLE (conversation_id uuid, newest_commit_seq bigint, head bigint)
LANGUAGE plpgsql STABLE SET search_path = messages
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY SELECT c.conversation_id, c.commit_1_seq, c.head
    FROM members m JOIN conversations c USING (conversation_id)
    WHERE m.device_id = p_device AND m.user_id = p_user AND m.left_seq IS NULL;
END $$;

-- The member devices of a conversation and the commit entry that they are of; no row: unknown.
CREATE FUNCTION messages.list_members_v1(p_conversation uuid)
RETURNS TABLE (newest_commit_seq bigint, head bigint, timeline bigint, device_id uuid, user_id bytea, role smallint)
LANGUAGE plpgsql STABLE SET search_path = messages
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY SELECT c.commit_1_seq, c.head, (SELECT max(x.no) FROM timelines x), m.device_id, m.user_id, m.role
    FROM conversations c LEFT JOIN members m ON m.conversation_id = c.conversation_id AND m.left_seq IS NULL
    WHERE c.conversation_id = p_conversation;
END $$;

-- Pages of several logs in one snapshot: at most p_limit[k] entries of each, p_room entries and p_bytes of bodies over
-- all of them, but at least one entry. Each answer is complete for (after, through]: a seq that is absent from it is gone for good. Where the
-- budget is spent, through is where it began and below the head. wish says which of the
-- conversations a row answers; one without a row: not a member, or no longer. An empty page
-- is one row whose seq is null.
CREATE FUNCTION messages.fetch_entries_v1(
  p_user bytea, p_device uuid, p_conversation uuid[], p_after bigint[], p_limit integer[], p_room integer,
  p_bytes bigint)
RETURNS TABLE (wish integer, conversation_id uuid, timeline bigint, through bigint, head bigint, newest_commit_seq bigint, seq bigint, kind smallint,
               device_id uuid, user_id bytea, accepted_at bigint, expires_at bigint, body bytea)
LANGUAGE plpgsql STABLE SET search_path = messages
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
  t timestamptz := clock_timestamp(); line bigint := (SELECT max(x.no) FROM timelines x);
  room integer := p_room; take integer; bytes bigint := p_bytes; me record; page record; last bigint; nothing boolean := true;
BEGIN
  FOR k IN 1 .. cardinality(p_conversation) LOOP
    SELECT c.conversation_id, c.head, c.commit_1_seq, least(greatest(p_after[k], m.joined_seq), c.head) AS after INTO me
      FROM members m JOIN conversations c USING (conversation_id)
      WHERE m.conversation_id = p_conversation[k] AND m.device_id = p_device AND m.user_id = p_user AND m.left_seq IS NULL;
    CONTINUE WHEN NOT FOUND;
    take := least(room, p_limit[k]);
    SELECT count(*) AS looked, count(*) FILTER (WHERE fits) AS kept, max(seq) FILTER (WHERE fits) AS last,
           sum(length) FILTER (WHERE fits) AS length INTO page
    FROM (
      SELECT w.seq, w.length, w.no <= take AND (w.total <= bytes OR nothing AND w.no = 1) AS fits FROM (
        SELECT e.seq, e.length, sum(e.length) OVER (ORDER BY e.seq) AS total, row_number() OVER (ORDER BY e.seq) AS no
        FROM (SELECT seq, octet_length(body) AS length FROM entries WHERE conversation_id = me.conversation_id
              AND seq > me.after AND expires_at > t ORDER BY seq LIMIT take + 1) e
      ) w
    ) p;
    last := CASE WHEN page.kept = page.looked THEN me.head ELSE coalesce(page.last, me.after) END;
    RETURN QUERY
      SELECT k, me.conversation_id, line, last, me.head, me.commit_1_seq, e.seq, e.kind, e.device_id, e.user_id, millis_v1(e.accepted_at),
             millis_v1(e.expires_at), e.body
      FROM (SELECT 1) AS one LEFT JOIN LATERAL (
        SELECT x.*, m.user_id FROM entries x JOIN members m USING (conversation_id, device_id)
        WHERE x.conversation_id = me.conversation_id AND x.seq > me.after AND x.seq <= last AND x.expires_at > t) e ON true
      ORDER BY e.seq;
    room := room - page.kept;
    bytes := bytes - coalesce(page.length, 0);
    nothing := nothing AND page.kept = 0;
  END LOOP;
END $$;

-- What changed for a device since its token: heads, and conversations that it joined or left (left_seq).
-- The token is the snapshot's xmin: every smaller transaction was visible, every other is told again; it never misses
-- and at worst repeats. Transaction ids mean nothing on another timeline: a different p_timeline, like p_token '0',
-- answers with everything, and fork is where the log that the device knew ended. The first row always carries token,
-- timeline and time; without changes its other columns are null.
CREATE FUNCTION messages.sync_device_v1(p_user bytea, p_device uuid, p_timeline bigint, p_token xid8)
RETURNS TABLE (token xid8, timeline bigint, at bigint, conversation_id uuid, written_under bigint, head bigint,
               newest_commit_seq bigint, left_seq bigint, last_n bigint, fork bigint, deleted_users bytea[])
LANGUAGE plpgsql STABLE SET search_path = messages
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE line bigint := (SELECT max(x.no) FROM timelines x);
BEGIN
  RETURN QUERY
  SELECT s.token, line, millis_v1(clock_timestamp()), x.*
  FROM (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS token) s
  LEFT JOIN (
    SELECT c.conversation_id, c.timeline, c.head, c.commit_1_seq, m.left_seq, m.last_n,
      CASE WHEN p_timeline <> line THEN coalesce(
        (SELECT min(f.head) FROM forks f WHERE f.conversation_id = c.conversation_id AND f.timeline > p_timeline),
        CASE WHEN c.timeline <> line THEN c.head END) END,
      ARRAY(SELECT DISTINCT d.user_id FROM members d WHERE d.conversation_id = c.conversation_id AND d.deleted)
    FROM members m JOIN conversations c USING (conversation_id)
    WHERE m.device_id = p_device AND m.user_id = p_user
      AND (p_timeline <> line OR m.changed >= p_token OR m.left_seq IS NULL AND c.changed >= p_token)
  ) x ON true;
END $$;
