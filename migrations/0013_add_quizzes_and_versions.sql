-- Quizzes and versions: answers that are committed to before the start and opened after the close,
-- and what every version of the terms was made from, so that entrants can be judged by their own.

-- The accepted answers to a quiz of the rules. They are encrypted until they are opened: then answers
-- and salt stand here as everybody may read them, and the encrypted ones are gone.
CREATE TABLE quizzes (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    quiz text NOT NULL,
    commitment bytea NOT NULL,
    sealed bytea,
    sealed_at timestamptz NOT NULL,
    promised_at timestamptz,
    answers text[],
    salt bytea,
    opened_at timestamptz,
    CONSTRAINT quizzes_pkey PRIMARY KEY (workspace_id, contest_id, quiz),
    CONSTRAINT quizzes_contest FOREIGN KEY (workspace_id, contest_id)
        REFERENCES contests (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT quizzes_commitment_whole CHECK (octet_length(commitment) = 32),
    CONSTRAINT quizzes_sealed_or_opened CHECK (
        CASE WHEN opened_at IS NULL
            THEN sealed IS NOT NULL AND answers IS NULL AND salt IS NULL
            ELSE sealed IS NULL AND answers IS NOT NULL AND octet_length(salt) = 32
                AND promised_at IS NOT NULL END)
);

-- Once the terms name a commitment, it is what it is: such a quiz can be encrypted anew, and opened
-- once.
CREATE FUNCTION keep_promised_quiz() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.promised_at IS NULL THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'DELETE' OR OLD.opened_at IS NOT NULL
        OR (NEW.quiz, NEW.commitment, NEW.promised_at, NEW.sealed_at)
            IS DISTINCT FROM (OLD.quiz, OLD.commitment, OLD.promised_at, OLD.sealed_at) THEN
        RAISE EXCEPTION 'the terms name this quiz: its answers are what they are'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER quizzes_keep_promises BEFORE UPDATE OR DELETE ON quizzes
    FOR EACH ROW EXECUTE FUNCTION keep_promised_quiz();

-- Each version of a contest's terms: the definition that it was made from, when it came into force
-- (the time of its event, in unix seconds), why, and what it changed in words, by language.
CREATE TABLE versions (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    version integer NOT NULL,
    definition jsonb NOT NULL,
    in_force_at bigint NOT NULL,
    reason text NOT NULL,
    changes jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT versions_pkey PRIMARY KEY (workspace_id, contest_id, version),
    CONSTRAINT versions_terms FOREIGN KEY (workspace_id, contest_id, version)
        REFERENCES terms (workspace_id, contest_id, version)
);

-- Of contests from before, the definition of the newest version is known, and nothing asks for
-- another: their terms say that the newest counts for everybody.
INSERT INTO versions (workspace_id, contest_id, version, definition, in_force_at, reason)
SELECT c.workspace_id, c.id, c.terms_version, c.definition,
    (SELECT max(e.at) FROM events e WHERE e.workspace_id = c.workspace_id AND e.contest_id = c.id
        AND e.type IN ('rules', 'amend')),
    convert_from(t.bytes, 'UTF8')::jsonb->>'reason'
FROM contests c
JOIN terms t ON t.workspace_id = c.workspace_id AND t.contest_id = c.id
    AND t.version = c.terms_version;

CREATE TRIGGER versions_are_written_once BEFORE UPDATE OR DELETE ON versions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
