-- What of the tour through a practice contest somebody has seen, and whether they put it away.
CREATE TABLE tours (
    person_id uuid NOT NULL,
    seen text[] NOT NULL DEFAULT '{}',
    put_away_at timestamptz,
    CONSTRAINT tours_pkey PRIMARY KEY (person_id),
    CONSTRAINT tours_person FOREIGN KEY (person_id) REFERENCES persons (id) ON DELETE CASCADE
);
