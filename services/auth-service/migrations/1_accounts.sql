-- Up Migration

create table auth.installation (
  id integer primary key default 1 check (id = 1),
  server_id uuid not null,
  -- The PostgreSQL that this data was last served from: another one means a restore.
  timeline text not null
);

-- A deleted account keeps its row: username and user id stay reserved.
create table auth.accounts (
  user_id bytea primary key check (octet_length(user_id) = 32),
  username text not null unique,
  password_hash text,
  recovery_hash text,
  list_version integer not null check (list_version >= 1),
  created_at timestamptz(3) not null default clock_timestamp(),
  deleted_at timestamptz(3),
  check ((deleted_at is null) = (password_hash is not null and recovery_hash is not null))
);
create index accounts_deleted on auth.accounts (deleted_at) where deleted_at is not null;

create table auth.vaults (
  user_id bytea primary key references auth.accounts,
  version integer not null check (version >= 1),
  -- Moves with each writing; version and revision make the etag.
  revision integer not null default 1,
  vault bytea not null
);

create table auth.device_lists (
  user_id bytea not null references auth.accounts,
  version integer not null check (version >= 1),
  statement bytea not null,
  hash bytea not null check (octet_length(hash) = 32),
  published_at timestamptz(3) not null default clock_timestamp(),
  primary key (user_id, version)
);

-- A device id belongs to its first user for ever.
create table auth.devices (
  device_id uuid primary key,
  user_id bytea not null references auth.accounts,
  signature_key bytea not null check (octet_length(signature_key) = 32),
  removed_at timestamptz(3)
);
create index devices_of_user on auth.devices (user_id);

create table auth.sessions (
  session_id uuid primary key,
  user_id bytea not null references auth.accounts,
  device_id uuid references auth.devices,
  refresh_hash bytea not null,
  previous_hash bytea,
  created_at timestamptz(3) not null default clock_timestamp(),
  refreshed_at timestamptz(3) not null default clock_timestamp(),
  expires_at timestamptz(3) not null
);
create index sessions_of_user on auth.sessions (user_id);
create index sessions_of_device on auth.sessions (device_id) where device_id is not null;
create index sessions_expiring on auth.sessions (expires_at);

create table auth.revocations (
  revocation_id bigint generated always as identity primary key,
  revoked_at timestamptz(3) not null default clock_timestamp(),
  user_id bytea not null,
  session_id uuid,
  device_id uuid
);
create index revocations_by_time on auth.revocations (revoked_at);

create table auth.signing_keys (
  kid text primary key,
  public_x text not null,
  public_y text not null,
  sealed_key bytea not null,
  -- Names the key-encryption key without telling it.
  sealed_by text not null,
  active_from timestamptz(3) not null
);

create table auth.key_packages (
  device_id uuid not null references auth.devices,
  ref bytea not null,
  user_id bytea not null references auth.accounts,
  key_package bytea not null,
  last_resort boolean not null,
  not_after timestamptz(3) not null,
  uploaded_at timestamptz(3) not null default clock_timestamp(),
  -- Claimed, or (last resort) replaced. The row stays until not_after, so that a late upload can't revive it.
  spent_at timestamptz(3),
  primary key (device_id, ref)
);
create index key_packages_free on auth.key_packages (device_id, uploaded_at)
  where spent_at is null and not last_resort;
create unique index key_packages_last_resort on auth.key_packages (device_id)
  where spent_at is null and last_resort;
create index key_packages_expiring on auth.key_packages (not_after);
create index key_packages_of_user on auth.key_packages (user_id);

create table auth.claims (
  claimer bytea not null references auth.accounts,
  claim_id uuid not null,
  target bytea not null references auth.accounts,
  conversation_id uuid not null,
  list_version integer not null,
  claimed_at timestamptz(3) not null default clock_timestamp(),
  primary key (claimer, claim_id)
);
create index claims_of_pair on auth.claims (claimer, target, claimed_at);
create index claims_by_time on auth.claims (claimed_at);

create table auth.claimed_packages (
  claimer bytea not null,
  claim_id uuid not null,
  device_id uuid not null,
  ref bytea not null,
  primary key (claimer, claim_id, device_id),
  foreign key (claimer, claim_id) references auth.claims on delete cascade
);
create index claimed_packages_by_ref on auth.claimed_packages (ref);

-- Down Migration

drop table auth.claimed_packages, auth.claims, auth.key_packages, auth.signing_keys, auth.revocations,
  auth.sessions, auth.devices, auth.device_lists, auth.vaults, auth.accounts, auth.installation;
