-- The sweep finds what is old by its age.
CREATE INDEX commits_by_age ON groups.commits (accepted_at);
CREATE INDEX requests_by_age ON groups.requests (at);
