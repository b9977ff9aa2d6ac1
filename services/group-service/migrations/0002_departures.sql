-- Whether the log knows that a user has left: until then any replica goes on telling it.
ALTER TABLE groups.roster ADD left_told boolean NOT NULL DEFAULT false;
CREATE INDEX roster_departing ON groups.roster (left_at) WHERE left_at IS NOT NULL AND NOT left_told;
