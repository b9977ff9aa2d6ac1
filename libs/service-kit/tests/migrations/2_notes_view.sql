-- Up Migration
create function count_notes_1() returns bigint language plpgsql as $$
begin
  return (select count(*) from notes);
end
$$;
-- Down Migration
drop function count_notes_1();
