-- Who may not take part, and who takes part without an account: staff as platforms tell it, list
-- entries that end, and entries that the organiser brings in.

-- An account stands on a list until `expires_at`, and for ever where nothing is said. That it has
-- passed is noted by whoever judges next, as any other change of a list.
ALTER TABLE list_accounts
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN lapsed_at timestamptz,
    ADD CONSTRAINT list_accounts_expire_later CHECK (expires_at > added_at),
    ADD CONSTRAINT list_accounts_lapse_at_end CHECK (lapsed_at >= expires_at);
-- What is to lapse next is looked for by its time.
CREATE INDEX list_accounts_by_end ON list_accounts (workspace_id, expires_at)
    WHERE expires_at IS NOT NULL AND lapsed_at IS NULL;

-- Who helped to run a community when it was last asked; `accounts` is NULL where the platform, or
-- the credential, does not let it be told. What failed lately stands in `failure`, and the last
-- good answer stays.
CREATE TABLE staff (
    workspace_id uuid NOT NULL,
    community_id uuid NOT NULL,
    accounts text[],
    read_at timestamptz,
    tried_at timestamptz NOT NULL,
    failure text NOT NULL DEFAULT '',
    CONSTRAINT staff_pkey PRIMARY KEY (workspace_id, community_id),
    CONSTRAINT staff_community FOREIGN KEY (workspace_id, community_id)
        REFERENCES communities (workspace_id, id)
);

-- A file, or a request, with entries of people without accounts. `sha256` is of its bytes as they
-- came, and the bytes themselves are not kept.
CREATE TABLE imports (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    source text NOT NULL,
    sha256 bytea NOT NULL,
    size integer NOT NULL,
    entries integer NOT NULL,
    imported_by uuid NOT NULL,
    imported_at timestamptz NOT NULL,
    undone_by uuid,
    undone_at timestamptz,
    undone_why text NOT NULL DEFAULT '',
    CONSTRAINT imports_pkey PRIMARY KEY (workspace_id, contest_id, id),
    CONSTRAINT imports_contest FOREIGN KEY (workspace_id, contest_id)
        REFERENCES contests (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT imports_source_known CHECK (source IN ('csv', 'api')),
    CONSTRAINT imports_undone_whole CHECK ((undone_at IS NULL) = (undone_by IS NULL)
        AND (undone_at IS NULL) = (undone_why = ''))
);

-- One entry of an import: its id is the entrant's. `reference` is the organiser's own word for who
-- it is, `entered_at` when they say that it was made, `line` where it stood. It is `due` until it is
-- judged, and again once it is undone. What was erased has neither reference nor label.
CREATE TABLE imported_entries (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    id uuid NOT NULL,
    import_id uuid NOT NULL,
    line integer NOT NULL,
    reference text,
    label text NOT NULL,
    entered_at timestamptz,
    due boolean NOT NULL DEFAULT true,
    undone_at timestamptz,
    erased_at timestamptz,
    CONSTRAINT imported_entries_pkey PRIMARY KEY (workspace_id, contest_id, id),
    CONSTRAINT imported_entries_import FOREIGN KEY (workspace_id, contest_id, import_id)
        REFERENCES imports (workspace_id, contest_id, id) ON DELETE CASCADE,
    CONSTRAINT imported_entries_erased_whole CHECK (
        CASE WHEN erased_at IS NULL THEN reference IS NOT NULL AND label <> ''
            ELSE reference IS NULL AND label = '' END)
);
CREATE UNIQUE INDEX imported_entries_reference_once
    ON imported_entries (workspace_id, contest_id, reference) WHERE undone_at IS NULL;
CREATE INDEX imported_entries_due ON imported_entries (workspace_id, contest_id, id) WHERE due;
CREATE INDEX imported_entries_of_import
    ON imported_entries (workspace_id, contest_id, import_id, id);

-- Whom a request to erase is about if they entered without an account, and by which names others
-- may speak of them: until it is done.
CREATE TABLE erasure_entries (
    workspace_id uuid NOT NULL,
    erasure_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    entrant_id uuid NOT NULL,
    names text[] NOT NULL DEFAULT '{}',
    CONSTRAINT erasure_entries_pkey PRIMARY KEY (workspace_id, erasure_id, contest_id, entrant_id),
    CONSTRAINT erasure_entries_erasure FOREIGN KEY (workspace_id, erasure_id)
        REFERENCES erasures (workspace_id, id)
);

-- What the planner believes of entries until they are first analyzed, as of entrants: that one
-- contest may own a good part of them, and that a whole key names one row.
DO $$
DECLARE
    believed record;
BEGIN
    FOR believed IN SELECT * FROM (VALUES
        ('workspace_id', 5), ('contest_id', 5), ('id', -1), ('reference', -1), ('import_id', 400)
    ) AS told (attribute, n_distinct)
    LOOP
        PERFORM pg_restore_attribute_stats(
            'schemaname', current_schema()::text, 'relname', 'imported_entries',
            'attname', believed.attribute, 'inherited', false, 'null_frac', 0::real,
            'avg_width', 16, 'n_distinct', believed.n_distinct::real);
    END LOOP;
END
$$;
