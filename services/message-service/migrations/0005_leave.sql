-- A user leaves one conversation by their own word, before any commit says so: their devices stop being members. Only
-- such as joined up to p_newest_commit_seq, the commit that the word is about: whoever came back later stays. Answers
-- all of the user's devices that have left, also those that had before: who asks again tells the gateways again. The
-- removal that a member commits later finds nobody to remove, and moves removal_seq all the same.
CREATE FUNCTION messages.leave_conversation_v1(p_conversation uuid, p_user bytea, p_newest_commit_seq bigint)
RETURNS TABLE (device_id uuid, newest_commit_seq bigint, timeline bigint)
LANGUAGE plpgsql VOLATILE SET search_path = messages
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE c conversations; line bigint := (SELECT max(x.no) FROM timelines x);
BEGIN
  SELECT * INTO c FROM conversations WHERE conversation_id = p_conversation FOR NO KEY UPDATE;
  UPDATE members SET left_seq = c.head, changed = pg_current_xact_id()
    WHERE conversation_id = p_conversation AND user_id = p_user AND left_seq IS NULL
      AND joined_seq <= p_newest_commit_seq;
  RETURN QUERY SELECT m.device_id, c.commit_1_seq, line FROM members m
    WHERE m.conversation_id = p_conversation AND m.user_id = p_user AND m.left_seq IS NOT NULL;
END $$;
