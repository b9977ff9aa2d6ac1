-- Moves the marks "has all up to here", never backwards and never above the head. It waits for no lock, so it can't
-- deadlock with an append: marks whose rows were busy come back as not moved, and the caller sends those again. A mark
-- is only a reason to forget earlier, so its commit needn't wait for the disk.
CREATE FUNCTION messages.ack_entries_v1(p_conversation uuid[], p_user bytea[], p_device uuid[], p_seq bigint[])
RETURNS TABLE (conversation_id uuid, device_id uuid, user_id bytea, seq bigint, newest_commit_seq bigint, timeline bigint, moved boolean)
LANGUAGE plpgsql VOLATILE SET search_path = messages
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE line bigint := (SELECT max(x.no) FROM timelines x);
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  RETURN QUERY
  WITH wanted AS MATERIALIZED (
    SELECT a.c, a.d, a.u, least(a.s, c.head) AS s, c.commit_1_seq
    FROM (SELECT c, u, d, max(s) AS s FROM unnest(p_conversation, p_user, p_device, p_seq) AS x(c, u, d, s) GROUP BY c, u, d) a
    JOIN conversations c ON c.conversation_id = a.c
    JOIN members m ON m.conversation_id = a.c AND m.device_id = a.d AND m.user_id = a.u AND m.left_seq IS NULL
    WHERE least(a.s, c.head) > m.acked_seq
  ), free AS MATERIALIZED (
    SELECT w.* FROM wanted w JOIN members m ON m.conversation_id = w.c AND m.device_id = w.d FOR NO KEY UPDATE OF m SKIP LOCKED
  ), moved AS (
    UPDATE members m SET acked_seq = greatest(m.acked_seq, f.s) FROM free f WHERE m.conversation_id = f.c AND m.device_id = f.d
  )
  SELECT w.c, w.d, w.u, w.s, w.commit_1_seq, line, EXISTS (SELECT 1 FROM free f WHERE f.c = w.c AND f.d = w.d) FROM wanted w;
END $$;

-- The sweep, part one: deletes what is past its time. Any replica, any time, side by side. p_lookback bounds the index
-- scan from below (it need not walk dead index entries: the time since the last sweep began and a minute; null, for
-- all, at the start and now and then), p_limit bounds the transaction.
CREATE FUNCTION messages.expire_entries_v1(p_lookback interval, p_limit integer)
RETURNS TABLE (conversation_id uuid, seq bigint, newest_commit_seq bigint, late_ms double precision)
LANGUAGE plpgsql VOLATILE SET search_path = messages
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE t timestamptz := clock_timestamp(); since timestamptz := coalesce(t - p_lookback, '-infinity'); due tid[];
BEGIN
  due := ARRAY(SELECT e.ctid FROM entries e WHERE e.expires_at > since AND e.expires_at <= t AND e.expires_at < 'infinity'
               ORDER BY e.expires_at LIMIT p_limit FOR UPDATE SKIP LOCKED);
  RETURN QUERY
  WITH gone AS (DELETE FROM entries e WHERE e.ctid = ANY (due) RETURNING e.conversation_id, e.seq, e.expires_at)
  SELECT g.conversation_id, g.seq, c.commit_1_seq, extract(epoch FROM t - g.expires_at)::double precision * 1000
    FROM gone g JOIN conversations c USING (conversation_id);
END $$;

-- The sweep, part two: deletes after-read messages that every current member device that joined before them has
-- acknowledged. (A device joins with its mark at its own entry, so that the lowest mark decides.) Call it for
-- conversations in which a mark has moved or a device was removed; what a crash makes the caller forget goes with a
-- later mark, or at expires_at.
CREATE FUNCTION messages.forget_acked_entries_v1(p_conversation uuid[], p_limit integer)
RETURNS TABLE (conversation_id uuid, seq bigint)
LANGUAGE plpgsql VOLATILE SET search_path = messages
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE done tid[];
BEGIN
  done := ARRAY(
    WITH marks AS MATERIALIZED (
      SELECT c, (SELECT coalesce(min(m.acked_seq), 9223372036854775807) FROM members m
                 WHERE m.conversation_id = c AND m.left_seq IS NULL) AS lowest
      FROM unnest(p_conversation) AS u(c)
    )
    SELECT e.ctid FROM marks JOIN entries e ON e.conversation_id = marks.c AND e.mode = 2 AND e.seq <= marks.lowest
    LIMIT p_limit FOR UPDATE OF e SKIP LOCKED);
  RETURN QUERY DELETE FROM entries e WHERE e.ctid = ANY (done) RETURNING e.conversation_id, e.seq;
END $$;

-- Deletes messages for everyone: those the caller's user uploaded, or, from an admin on, those of a strictly lower
-- role. All or nothing; what is gone already is no reason to refuse. Commits are never deleted.
-- status: 0 done (one row per seq deleted, or one with a null seq), 2 not a member, 3 not allowed
CREATE FUNCTION messages.delete_entries_v1(p_conversation uuid, p_user bytea, p_device uuid, p_seqs bigint[])
RETURNS TABLE (status smallint, seq bigint, newest_commit_seq bigint, timeline bigint)
LANGUAGE plpgsql VOLATILE SET search_path = messages
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE me members; newest bigint; done bigint[]; line bigint := (SELECT max(x.no) FROM timelines x);
BEGIN
  SELECT c.commit_1_seq INTO newest FROM conversations c WHERE c.conversation_id = p_conversation;
  SELECT * INTO me FROM members m WHERE m.conversation_id = p_conversation AND m.device_id = p_device AND m.user_id = p_user
    AND m.left_seq IS NULL FOR SHARE;           -- a removal waits, or was before: who deletes is a member
  IF NOT FOUND THEN
    RETURN QUERY SELECT 2::smallint, NULL::bigint, NULL::bigint, line;
    RETURN;
  END IF;
  IF EXISTS (
    SELECT 1 FROM entries e JOIN members a ON a.conversation_id = e.conversation_id AND a.device_id = e.device_id
    WHERE e.conversation_id = p_conversation AND e.seq = ANY (p_seqs)
      AND (e.kind <> 0 OR NOT (a.user_id = me.user_id OR me.role >= 3 AND me.role > a.role))) THEN
    RETURN QUERY SELECT 3::smallint, NULL::bigint, newest, line;
    RETURN;
  END IF;
  WITH gone AS (DELETE FROM entries e WHERE e.conversation_id = p_conversation AND e.seq = ANY (p_seqs) RETURNING e.seq)
    SELECT array_agg(g.seq ORDER BY g.seq) INTO done FROM gone g;
  RETURN QUERY SELECT 0::smallint, d.seq, newest, line FROM (SELECT 1) AS one LEFT JOIN unnest(done) AS d(seq) ON true;
END $$;

-- Retention, a step: looks at the next conversations after p_after and deletes a bounded number of commits and of
-- messages without a timer that were accepted before the limits. It makes no event: nothing a person wrote is called
-- back, it only isn't kept for newcomers. Answers the last conversation it looked at; none: the round is over.
CREATE FUNCTION messages.retain_entries_v1(
  p_after uuid, p_conversations integer, p_entries integer, p_commit_age interval, p_message_age interval)
RETURNS TABLE (last_conversation uuid, deleted bigint)
LANGUAGE plpgsql VOLATILE SET search_path = messages
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE t timestamptz := clock_timestamp(); ids uuid[]; due tid[]; gone bigint;
BEGIN
  ids := ARRAY(SELECT c.conversation_id FROM conversations c WHERE c.conversation_id > p_after ORDER BY c.conversation_id LIMIT p_conversations);
  due := ARRAY(
    SELECT e.ctid FROM unnest(ids) AS u(c)
      JOIN entries e ON e.conversation_id = u.c AND e.kind = 1 AND e.accepted_at < t - p_commit_age
      LIMIT p_entries FOR UPDATE OF e SKIP LOCKED)
    || ARRAY(
    -- Times rise with seq: only the oldest few of each log need a look.
    SELECT o.at FROM unnest(ids) AS u(c), LATERAL (
      SELECT e.ctid AS at, e.accepted_at, e.kind, e.mode FROM entries e WHERE e.conversation_id = u.c ORDER BY e.seq LIMIT p_entries) o
      WHERE o.kind = 0 AND o.mode = 0 AND o.accepted_at < t - p_message_age);
  DELETE FROM entries e WHERE e.ctid = ANY (due);
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN QUERY SELECT ids[cardinality(ids)], gone;
END $$;

-- An account's end: its devices stop being members, without a commit. Peers go on reading and writing.
CREATE FUNCTION messages.end_memberships_v1(p_user bytea)
RETURNS TABLE (conversation_id uuid, device_id uuid, newest_commit_seq bigint, head bigint, timeline bigint)
LANGUAGE plpgsql VOLATILE SET search_path = messages
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE line bigint := (SELECT max(x.no) FROM timelines x);
BEGIN
  PERFORM 1 FROM conversations c
    WHERE c.conversation_id IN (SELECT m.conversation_id FROM members m WHERE m.user_id = p_user AND m.left_seq IS NULL)
    ORDER BY c.conversation_id FOR NO KEY UPDATE;
  RETURN QUERY
  WITH ended AS (
    UPDATE members m SET left_seq = c.head, deleted = true, changed = pg_current_xact_id()
    FROM conversations c WHERE c.conversation_id = m.conversation_id AND m.user_id = p_user AND m.left_seq IS NULL
    RETURNING m.conversation_id, m.device_id
  ), told AS (                                    -- peers learn by sync that the account is gone
    UPDATE conversations c SET changed = pg_current_xact_id() WHERE c.conversation_id IN (SELECT e.conversation_id FROM ended e))
  SELECT e.conversation_id, e.device_id, c.commit_1_seq, c.head, line FROM ended e JOIN conversations c USING (conversation_id);
END $$;
