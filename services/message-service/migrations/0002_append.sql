-- Appends a batch of messages across conversations: one call, one transaction, one round trip. Row i is the i-th
-- element of every array; its body is p_bodies[offset, offset + length). Rows of one device keep their order.
-- status: 0 stored
--         1 duplicate: n was stored before; nothing is stored, and seq is null (no index leads from n to it)
--         2 not a member
--         3 stale: last_commit_seq is too old; the answer names the newest
--         4 gap: n skips a number, or an earlier row of this device and conversation was refused in this batch; that
--           may have been a ghost of this very row, so 4 says "send again from the first unanswered n", never "lost"
-- p_grace: how long messages made under the commit before are accepted. p_unread_limit: how long an after-read
-- message waits at most. n >= 1 is the caller's to check.
CREATE FUNCTION messages.append_messages_v1(
  p_conversation uuid[], p_user bytea[], p_device uuid[], p_n bigint[], p_last_commit_seq bigint[], p_mode smallint[],
  p_ttl integer[], p_offset integer[], p_length integer[], p_bodies bytea, p_grace interval, p_unread_limit interval)
RETURNS TABLE (i integer, status smallint, seq bigint, accepted_at bigint, expires_at bigint, newest_commit_seq bigint,
               head bigint, timeline bigint)
LANGUAGE plpgsql VOLATILE SET search_path = messages
-- One plan for every batch, by the indexes: planning anew costs three times the work, and a plan made while the
-- tables were empty would read them whole.
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE t timestamptz; line bigint;
BEGIN
  PERFORM 1 FROM conversations c WHERE c.conversation_id = ANY (p_conversation)
    ORDER BY c.conversation_id FOR NO KEY UPDATE;               -- always in id order: no deadlock
  t := date_trunc('milliseconds', clock_timestamp());           -- the database's time, after the wait
  line := (SELECT max(x.no) FROM timelines x);
  RETURN QUERY
  WITH input AS (
    SELECT * FROM unnest(p_conversation, p_user, p_device, p_n, p_last_commit_seq, p_mode, p_ttl, p_offset, p_length)
      WITH ORDINALITY AS r(c, u, d, n, last_commit, mode, ttl, o, l, i)
  ), known AS (
    SELECT r.*, c.head, c.timeline, c.commit_1_seq, m.last_n,
      (r.last_commit >= c.removal_seq AND (r.last_commit = c.commit_1_seq
        OR r.last_commit = c.commit_2_seq AND c.commit_1_at > t - p_grace
        OR r.last_commit = c.commit_3_seq AND c.commit_2_at > t - p_grace)) IS TRUE AS fresh,
      -- the counter before this row, as long as nothing was refused
      greatest(m.last_n, max(r.n) OVER (PARTITION BY r.c, r.d, r.u ORDER BY r.i ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS before
    FROM input r
    LEFT JOIN conversations c ON c.conversation_id = r.c
    LEFT JOIN members m ON m.conversation_id = r.c AND m.device_id = r.d AND m.user_id = r.u AND m.left_seq IS NULL
  ), counted AS (                                               -- refusals of this device up to and with this row
    SELECT k.*, count(*) FILTER (WHERE k.n > k.before AND NOT (k.n = k.before + 1 AND k.fresh))
      OVER (PARTITION BY k.c, k.d, k.u ORDER BY k.i) AS refusals
    FROM known k
  ), judged AS (
    SELECT k.*,
      CASE WHEN k.last_n IS NULL THEN 2
           WHEN k.refusals = 0 AND k.n > k.before THEN 0
           WHEN k.n <= greatest(k.last_n, max(k.n) FILTER (WHERE k.refusals = 0) OVER (PARTITION BY k.c, k.d, k.u ORDER BY k.i)) THEN 1
           WHEN k.refusals = 1 AND k.n = k.before + 1 AND NOT k.fresh THEN 3
           ELSE 4 END AS verdict
    FROM counted k
  ), numbered AS (
    SELECT j.*,
      CASE WHEN j.verdict = 0 THEN j.head + count(*) FILTER (WHERE j.verdict = 0) OVER (PARTITION BY j.c ORDER BY j.i) END AS new_seq,
      j.head + count(*) FILTER (WHERE j.verdict = 0) OVER (PARTITION BY j.c) AS new_head,
      CASE j.mode WHEN 0 THEN 'infinity' WHEN 1 THEN t + j.ttl * interval '1 second' WHEN 2 THEN t + p_unread_limit END AS deadline
    FROM judged j
  ), stored AS (
    INSERT INTO entries (conversation_id, seq, kind, device_id, n, accepted_at, expires_at, mode, ttl, body)
    SELECT c, new_seq, 0, d, n, t, deadline, mode, nullif(ttl, 0), substring(p_bodies FROM o + 1 FOR l)
    FROM numbered WHERE verdict = 0 ORDER BY c, new_seq
  ), forked AS (
    INSERT INTO forks (conversation_id, timeline, head)
    SELECT DISTINCT c, line, head FROM numbered WHERE verdict = 0 AND timeline <> line
  ), moved AS (
    UPDATE conversations c SET head = s.top, timeline = line, changed = pg_current_xact_id()
    FROM (SELECT c, max(new_seq) AS top FROM numbered WHERE verdict = 0 GROUP BY c) s WHERE c.conversation_id = s.c
  ), told AS (
    UPDATE members m SET last_n = s.top
    FROM (SELECT c, d, max(n) AS top FROM numbered WHERE verdict = 0 GROUP BY c, d) s WHERE m.conversation_id = s.c AND m.device_id = s.d
  )
  SELECT x.i::integer, x.verdict::smallint, x.new_seq, CASE WHEN x.verdict = 0 THEN millis_v1(t) END,
    CASE WHEN x.verdict = 0 THEN millis_v1(x.deadline) END,
    CASE WHEN x.verdict <> 2 THEN x.commit_1_seq END, CASE WHEN x.verdict <> 2 THEN x.new_head END, line
  FROM numbered x ORDER BY x.i;
END $$;

-- Appends a commit: compare-and-set on the newest commit entry, with the membership it makes, in one transaction.
-- A device may stand in p_removed and p_added at once (a repair). Removing a device that is no member does nothing.
-- p_opens: 0 nothing
--          1 the conversation: p_last_commit_seq is 0, and its creator is a member from the start
--          2 its next incarnation: every counter starts again, nothing that was made before is accepted any more, and
--            the author may be a device that this very commit adds
-- status: 0 stored
--         1 this commit_id was stored before; seq and accepted_at are the first answer
--         2 not a member, or the conversation is unknown
--         3 stale: another commit entry is newer
--         4 taken: a conversation with this id exists
--         5 an added device has been here before. p_readmit allows it (a repair; a user who comes back): it reads from
--           this entry on, and its counter goes on where it was, so that no ghost of its old messages is stored again.
--         6 an added device belongs to another user
CREATE FUNCTION messages.append_commit_v1(
  p_conversation uuid, p_user bytea, p_device uuid, p_commit_id uuid, p_last_commit_seq bigint, p_opens smallint,
  p_creator_role smallint, p_body bytea, p_added_devices uuid[], p_added_users bytea[], p_added_roles smallint[], p_readmit uuid[],
  p_removed_devices uuid[], p_role_users bytea[], p_roles smallint[])
RETURNS TABLE (status smallint, seq bigint, accepted_at bigint, newest_commit_seq bigint, head bigint, timeline bigint)
LANGUAGE plpgsql VOLATILE SET search_path = messages
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE c conversations; first entries; t timestamptz; s bigint; line bigint; created boolean := false;
BEGIN
  line := (SELECT max(x.no) FROM timelines x);
  IF p_opens = 1 AND p_last_commit_seq = 0 AND p_device <> ALL (p_added_devices) THEN
    INSERT INTO conversations (conversation_id, timeline) VALUES (p_conversation, line)
      ON CONFLICT DO NOTHING;
    created := FOUND;
  END IF;
  SELECT * INTO c FROM conversations WHERE conversation_id = p_conversation FOR NO KEY UPDATE;
  t := date_trunc('milliseconds', clock_timestamp());
  SELECT * INTO first FROM entries WHERE conversation_id = p_conversation AND commit_id = p_commit_id AND kind = 1;
  IF first.device_id = p_device THEN
    RETURN QUERY SELECT 1::smallint, first.seq, millis_v1(first.accepted_at), c.commit_1_seq, c.head, line;
    RETURN;
  END IF;
  IF created THEN
    INSERT INTO members (conversation_id, device_id, user_id, role, joined_seq)
      VALUES (p_conversation, p_device, p_user, p_creator_role, 0);
  ELSIF p_opens = 1 AND c.conversation_id IS NULL THEN          -- a first commit that contradicts itself
    RETURN QUERY SELECT 2::smallint, NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint, line;
    RETURN;
  ELSIF p_opens = 1 THEN
    RETURN QUERY SELECT 4::smallint, NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint, line;
    RETURN;
  ELSIF NOT EXISTS (SELECT 1 FROM members WHERE conversation_id = p_conversation AND user_id = p_user AND left_seq IS NULL
                    AND (device_id = p_device OR p_opens = 2 AND p_device = ANY (p_added_devices))) THEN
    RETURN QUERY SELECT 2::smallint, NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint, line;
    RETURN;
  END IF;
  IF p_last_commit_seq IS DISTINCT FROM c.commit_1_seq THEN
    RETURN QUERY SELECT 3::smallint, NULL::bigint, NULL::bigint, c.commit_1_seq, c.head, line;
    RETURN;
  END IF;
  IF EXISTS (SELECT 1 FROM unnest(p_added_devices, p_added_users) AS a(d, u)
             JOIN members m ON m.conversation_id = p_conversation AND m.device_id = a.d AND m.user_id <> a.u) THEN
    RETURN QUERY SELECT 6::smallint, NULL::bigint, NULL::bigint, c.commit_1_seq, c.head, line;
    RETURN;
  END IF;
  IF EXISTS (SELECT 1 FROM members WHERE conversation_id = p_conversation AND device_id = ANY (p_added_devices)
             AND device_id <> ALL (p_readmit)) THEN
    RETURN QUERY SELECT 5::smallint, NULL::bigint, NULL::bigint, c.commit_1_seq, c.head, line;
    RETURN;
  END IF;

  s := c.head + 1;
  INSERT INTO entries (conversation_id, seq, kind, device_id, commit_id, accepted_at, body)
    VALUES (p_conversation, s, 1, p_device, p_commit_id, t, p_body);
  IF c.timeline <> line THEN
    INSERT INTO forks (conversation_id, timeline, head) VALUES (p_conversation, line, c.head);
  END IF;
  UPDATE conversations SET head = s, timeline = line, changed = pg_current_xact_id(),
      commit_1_seq = s, commit_1_at = t,
      commit_2_seq = nullif(c.commit_1_seq, 0), commit_2_at = c.commit_1_at, commit_3_seq = c.commit_2_seq,
      removal_seq = CASE WHEN p_opens = 2 OR cardinality(p_removed_devices) > 0 THEN s ELSE c.removal_seq END
    WHERE conversation_id = p_conversation;
  UPDATE members SET left_seq = s, changed = pg_current_xact_id()
    WHERE conversation_id = p_conversation AND device_id = ANY (p_removed_devices) AND left_seq IS NULL;
  INSERT INTO members AS m (conversation_id, device_id, user_id, role, joined_seq, acked_seq)
    -- The author of a next incarnation reads its own commit, as a creator does.
    SELECT p_conversation, a.d, a.u, a.r, f.after, f.after FROM unnest(p_added_devices, p_added_users, p_added_roles) AS a(d, u, r),
      LATERAL (SELECT CASE WHEN a.d = p_device THEN s - 1 ELSE s END) AS f(after)
    ON CONFLICT (conversation_id, device_id) DO UPDATE
      SET role = excluded.role, left_seq = NULL, changed = pg_current_xact_id(),
        -- A repaired device goes and comes in this very commit: it may still see what it missed.
        joined_seq = CASE WHEN m.left_seq = s THEN m.joined_seq ELSE excluded.joined_seq END,
        acked_seq = CASE WHEN m.left_seq = s THEN m.acked_seq ELSE excluded.acked_seq END;
  UPDATE members m SET role = r.role FROM unnest(p_role_users, p_roles) AS r(u, role)
    WHERE m.conversation_id = p_conversation AND m.user_id = r.u AND m.left_seq IS NULL;
  IF p_opens = 2 THEN
    UPDATE members SET last_n = 0 WHERE conversation_id = p_conversation AND last_n > 0;
  END IF;
  RETURN QUERY SELECT 0::smallint, s, millis_v1(t), s, s, line;
END $$;
