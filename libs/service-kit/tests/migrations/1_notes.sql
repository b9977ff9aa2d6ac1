-- Up Migration
create table notes (
  id bigint primary key,
  body text not null check (body <> 'poison')
);
-- Down Migration
drop table notes;
