-- All migrations together, as pg_dump tells them. Made by `make snapshot`, not by hand.

CREATE FUNCTION public.keep_practice() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF NEW.practice <> OLD.practice THEN
        RAISE EXCEPTION 'a contest is practice or real from its creation'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are written once and never changed', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TABLE public.absences (
    workspace_id uuid NOT NULL,
    target_id uuid NOT NULL,
    action text NOT NULL,
    account text NOT NULL,
    absent_at timestamp with time zone NOT NULL
);

CREATE TABLE public.accounts (
    workspace_id uuid NOT NULL,
    platform text NOT NULL,
    instance text NOT NULL,
    account text NOT NULL,
    handle text NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone,
    has_picture boolean,
    followers bigint,
    profile_at timestamp with time zone NOT NULL,
    standing text DEFAULT 'visible'::text NOT NULL,
    standing_at timestamp with time zone,
    is_closed boolean,
    is_active boolean,
    city text DEFAULT ''::text NOT NULL,
    born date,
    CONSTRAINT accounts_standing_known CHECK ((standing = ANY (ARRAY['visible'::text, 'blocks_us'::text, 'blocked_by_us'::text, 'unavailable'::text])))
);

CREATE TABLE public.actions (
    workspace_id uuid NOT NULL,
    target_id uuid NOT NULL,
    action text NOT NULL,
    account text NOT NULL,
    ref text NOT NULL,
    seen_scan uuid NOT NULL,
    at timestamp with time zone,
    absent_at timestamp with time zone,
    seen_at timestamp with time zone NOT NULL,
    gone_at timestamp with time zone,
    gone_scan uuid,
    gone_why text,
    text text NOT NULL,
    tags text[] NOT NULL,
    mentions text[] NOT NULL,
    heard boolean DEFAULT false NOT NULL,
    CONSTRAINT actions_gone_explained CHECK ((((gone_at IS NULL) = (gone_why IS NULL)) AND ((gone_at IS NULL) = (gone_scan IS NULL)))),
    CONSTRAINT actions_gone_why_known CHECK ((gone_why = ANY (ARRAY['withdrawn'::text, 'hidden'::text])))
);

CREATE TABLE public.announcements (
    workspace_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    contest_id uuid NOT NULL,
    target_id uuid NOT NULL,
    kind text NOT NULL,
    seq integer NOT NULL,
    key text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    text text NOT NULL,
    link text NOT NULL,
    state text DEFAULT 'due'::text NOT NULL,
    published_ref text,
    published_url text,
    published_at timestamp with time zone,
    failure text,
    CONSTRAINT announcements_kind_known CHECK ((kind = ANY (ARRAY['freeze'::text, 'result'::text, 'succession'::text, 'amendment'::text, 'void'::text]))),
    CONSTRAINT announcements_published_known CHECK (((state = 'published'::text) = (published_ref IS NOT NULL))),
    CONSTRAINT announcements_state_known CHECK ((state = ANY (ARRAY['due'::text, 'published'::text, 'failed'::text])))
);

CREATE TABLE public.audit_log (
    workspace_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    at timestamp with time zone NOT NULL,
    person_id uuid,
    token_id uuid,
    action text NOT NULL,
    subject uuid,
    detail jsonb NOT NULL,
    request_id text NOT NULL
);

CREATE TABLE public.beacon_rounds (
    chain bytea NOT NULL,
    round bigint NOT NULL,
    signature bytea NOT NULL,
    randomness bytea NOT NULL,
    relay text NOT NULL,
    fetched_at timestamp with time zone NOT NULL
);

CREATE TABLE public.channels (
    workspace_id uuid NOT NULL,
    community_id uuid NOT NULL,
    kind text NOT NULL,
    path bytea,
    secrets bytea,
    "position" text DEFAULT ''::text NOT NULL,
    state text DEFAULT 'new'::text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    checked_at timestamp with time zone,
    heard_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT channels_callback_secret CHECK (((kind <> 'callback'::text) OR ((path IS NOT NULL) AND (secrets IS NOT NULL)))),
    CONSTRAINT channels_kind_known CHECK ((kind = ANY (ARRAY['callback'::text, 'long_poll'::text]))),
    CONSTRAINT channels_state_known CHECK ((state = ANY (ARRAY['new'::text, 'listening'::text, 'failed'::text])))
);

CREATE TABLE public.communities (
    workspace_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    platform text NOT NULL,
    instance text NOT NULL,
    account text NOT NULL,
    handle text NOT NULL,
    name text NOT NULL,
    endpoints jsonb NOT NULL,
    credential bytea NOT NULL,
    session bytea,
    health text DEFAULT 'healthy'::text NOT NULL,
    health_note text DEFAULT ''::text NOT NULL,
    checked_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    removed_at timestamp with time zone,
    credential_ends_at timestamp with time zone,
    credential_renews boolean DEFAULT false NOT NULL,
    CONSTRAINT communities_health_known CHECK ((health = ANY (ARRAY['healthy'::text, 'unreachable'::text, 'reconnect'::text])))
);

CREATE TABLE public.contest_evidence (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    target_id uuid NOT NULL,
    action text NOT NULL,
    closing_scan_id uuid,
    recheck_scan_id uuid,
    live boolean DEFAULT false NOT NULL,
    CONSTRAINT contest_evidence_action_known CHECK ((action = ANY (ARRAY['like'::text, 'repost'::text, 'quote'::text, 'comment'::text, 'follow'::text])))
);

CREATE TABLE public.contest_posts (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    target_id uuid NOT NULL,
    "position" smallint NOT NULL
);

CREATE TABLE public.contests (
    workspace_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    practice boolean NOT NULL,
    status text DEFAULT 'draft'::text NOT NULL,
    definition jsonb NOT NULL,
    title text NOT NULL,
    opens_at timestamp with time zone NOT NULL,
    closes_at timestamp with time zone NOT NULL,
    freeze_at timestamp with time zone NOT NULL,
    draw_at timestamp with time zone NOT NULL,
    terms_version integer DEFAULT 0 NOT NULL,
    round bigint,
    void_reason text,
    obstacle text DEFAULT ''::text NOT NULL,
    postponements smallint DEFAULT 0 NOT NULL,
    judged_at timestamp with time zone,
    closing_judged_at timestamp with time zone,
    rechecked_at timestamp with time zone,
    revision integer DEFAULT 1 NOT NULL,
    created_by uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT contests_status_known CHECK ((status = ANY (ARRAY['draft'::text, 'scheduled'::text, 'running'::text, 'closing'::text, 'frozen'::text, 'drawn'::text, 'announced'::text, 'completed'::text, 'cancelled'::text, 'void'::text]))),
    CONSTRAINT contests_times_ordered CHECK (((opens_at <= closes_at) AND (closes_at <= freeze_at) AND (freeze_at <= draw_at)))
);

CREATE TABLE public.entrant_accounts (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    platform text NOT NULL,
    instance text NOT NULL,
    account text NOT NULL,
    entrant_id uuid NOT NULL
);

CREATE TABLE public.entrants (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    subject text NOT NULL,
    label text NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    tickets integer NOT NULL,
    record text NOT NULL,
    record_salt bytea NOT NULL,
    record_digest bytea NOT NULL,
    judged_at timestamp with time zone NOT NULL,
    CONSTRAINT entrants_state_known CHECK ((state = ANY (ARRAY['valid'::text, 'invalid'::text, 'cannot_verify'::text, 'quarantined'::text]))),
    CONSTRAINT entrants_tickets_match CHECK (((state = 'valid'::text) = (tickets > 0)))
);

CREATE TABLE public.events (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    seq integer NOT NULL,
    type text NOT NULL,
    at bigint NOT NULL,
    hash bytea NOT NULL,
    line bytea NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT events_type_known CHECK ((type = ANY (ARRAY['rules'::text, 'amend'::text, 'freeze'::text, 'dq'::text, 'result'::text, 'void'::text, 'close'::text])))
);

CREATE TABLE public.frozen_chunks (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    kind text NOT NULL,
    seq integer NOT NULL,
    bytes bytea NOT NULL,
    CONSTRAINT frozen_chunks_kind_known CHECK ((kind = ANY (ARRAY['entries'::text, 'evidence'::text])))
);
ALTER TABLE ONLY public.frozen_chunks ALTER COLUMN bytes SET STORAGE EXTERNAL;

CREATE TABLE public.heard_events (
    workspace_id uuid NOT NULL,
    community_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    event_id text NOT NULL,
    heard_at timestamp with time zone NOT NULL,
    body bytea NOT NULL,
    merged_at timestamp with time zone
);

CREATE TABLE public.idempotency_keys (
    workspace_id uuid NOT NULL,
    person_id uuid NOT NULL,
    key text NOT NULL,
    request_digest bytea NOT NULL,
    status smallint NOT NULL,
    reply bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.list_accounts (
    workspace_id uuid NOT NULL,
    list_id uuid NOT NULL,
    platform text NOT NULL,
    instance text NOT NULL,
    account text NOT NULL,
    reason text NOT NULL,
    added_by uuid NOT NULL,
    added_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.lists (
    workspace_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.log_heads (
    log text NOT NULL,
    size bigint DEFAULT 0 NOT NULL,
    CONSTRAINT log_heads_known CHECK ((log = ANY (ARRAY['real'::text, 'practice'::text])))
);

CREATE TABLE public.log_leaves (
    log text NOT NULL,
    index bigint NOT NULL,
    leaf bytea NOT NULL,
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    seq integer NOT NULL,
    CONSTRAINT log_leaves_size CHECK ((octet_length(leaf) = 68))
);

CREATE TABLE public.memberships (
    workspace_id uuid NOT NULL,
    person_id uuid NOT NULL,
    role text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT memberships_role_known CHECK ((role = ANY (ARRAY['owner'::text, 'editor'::text, 'auditor'::text])))
);

CREATE TABLE public.notices (
    workspace_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    contest_id uuid NOT NULL,
    seq integer NOT NULL,
    entrant_id uuid NOT NULL,
    target_id uuid NOT NULL,
    platform text NOT NULL,
    instance text NOT NULL,
    account text NOT NULL,
    label text NOT NULL,
    key text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    text text NOT NULL,
    mention text NOT NULL,
    link text NOT NULL,
    state text DEFAULT 'due'::text NOT NULL,
    refused boolean DEFAULT false NOT NULL,
    how text,
    told_ref text,
    told_url text,
    told_at timestamp with time zone,
    failure text,
    CONSTRAINT notices_how_known CHECK ((how = ANY (ARRAY['message'::text, 'mention'::text, 'post'::text]))),
    CONSTRAINT notices_named_alike CHECK (((label = ''::text) = (mention = ''::text))),
    CONSTRAINT notices_state_known CHECK ((state = ANY (ARRAY['due'::text, 'told'::text, 'unreachable'::text, 'failed'::text, 'withdrawn'::text]))),
    CONSTRAINT notices_told_known CHECK (((state = 'told'::text) = (how IS NOT NULL)))
);

CREATE TABLE public.openings (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    entrant_id uuid NOT NULL,
    commitment bytea NOT NULL,
    salt bytea NOT NULL,
    subject text NOT NULL,
    label text NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.overrides (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    kind text NOT NULL,
    reason text NOT NULL,
    person_id uuid,
    at timestamp with time zone NOT NULL,
    CONSTRAINT overrides_kind_known CHECK ((kind = ANY (ARRAY['coverage'::text, 'recheck'::text])))
);

CREATE TABLE public.persons (
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    email text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT persons_name_given CHECK ((name <> ''::text))
);

CREATE TABLE public.scan_pages (
    workspace_id uuid NOT NULL,
    scan_id uuid NOT NULL,
    seq integer NOT NULL,
    sha256 bytea NOT NULL,
    size integer NOT NULL,
    fetched_at timestamp with time zone NOT NULL,
    body bytea
);

CREATE UNLOGGED TABLE public.scan_staging (
    workspace_id uuid NOT NULL,
    scan_id uuid NOT NULL,
    seq integer NOT NULL,
    answer text NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    size integer NOT NULL,
    accounts text NOT NULL,
    refs text,
    times text,
    texts text,
    tags text,
    mentions text,
    fresh integer[],
    CONSTRAINT scan_staging_answer_known CHECK ((answer = ANY (ARRAY['present'::text, 'absent'::text, 'hidden'::text])))
)
WITH (toast_tuple_target='8160');
ALTER TABLE ONLY public.scan_staging ALTER COLUMN accounts SET STORAGE EXTERNAL;
ALTER TABLE ONLY public.scan_staging ALTER COLUMN refs SET STORAGE EXTERNAL;
ALTER TABLE ONLY public.scan_staging ALTER COLUMN times SET STORAGE EXTERNAL;

CREATE TABLE public.scans (
    workspace_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    watch_id uuid NOT NULL,
    closing boolean NOT NULL,
    state text DEFAULT 'running'::text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    checkpoint text,
    pages integer DEFAULT 0 NOT NULL,
    staged bigint DEFAULT 0 NOT NULL,
    counted bigint DEFAULT 0 NOT NULL,
    seen bigint,
    appeared bigint,
    vanished bigint,
    hidden bigint,
    claimed bigint,
    failure text,
    heard boolean DEFAULT false NOT NULL,
    CONSTRAINT scans_state_known CHECK ((state = ANY (ARRAY['running'::text, 'complete'::text, 'aborted'::text])))
);

CREATE TABLE public.schema_migrations (
    version integer NOT NULL,
    name text NOT NULL,
    sha256 bytea NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.sign_ins (
    state bytea NOT NULL,
    workspace_id uuid NOT NULL,
    community_id uuid NOT NULL,
    person_id uuid NOT NULL,
    verifier bytea NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.targets (
    workspace_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    community_id uuid NOT NULL,
    platform text NOT NULL,
    instance text NOT NULL,
    kind text NOT NULL,
    ref text NOT NULL,
    pin text NOT NULL,
    author text NOT NULL,
    url text NOT NULL,
    gone_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT targets_kind_known CHECK ((kind = ANY (ARRAY['post'::text, 'community'::text])))
);

CREATE TABLE public.terms (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    version integer NOT NULL,
    sha256 bytea NOT NULL,
    bytes bytea NOT NULL
);

CREATE TABLE public.tokens (
    workspace_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    person_id uuid NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    digest bytea NOT NULL,
    issued_by uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    used_at timestamp with time zone,
    CONSTRAINT tokens_role_known CHECK ((role = ANY (ARRAY['owner'::text, 'editor'::text, 'auditor'::text])))
);

CREATE TABLE public.verifiers (
    sha256 bytea NOT NULL,
    name text NOT NULL,
    bytes bytea NOT NULL
);

CREATE TABLE public.watches (
    workspace_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    target_id uuid NOT NULL,
    action text NOT NULL
);

CREATE TABLE public.work (
    workspace_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    kind text NOT NULL,
    subject uuid NOT NULL,
    due_at timestamp with time zone NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    lease uuid,
    lease_until timestamp with time zone,
    failure text,
    CONSTRAINT work_kind_known CHECK ((kind = ANY (ARRAY['scan'::text, 'judge'::text, 'advance'::text, 'announce'::text, 'hear'::text, 'tend'::text, 'notify'::text]))),
    CONSTRAINT work_lease_dated CHECK (((lease IS NULL) = (lease_until IS NULL)))
);

CREATE TABLE public.workspaces (
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT workspaces_name_given CHECK ((name <> ''::text))
);

ALTER TABLE ONLY public.absences
    ADD CONSTRAINT absences_pkey PRIMARY KEY (workspace_id, target_id, action, account);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (workspace_id, platform, instance, account);

ALTER TABLE ONLY public.actions
    ADD CONSTRAINT actions_pkey PRIMARY KEY (workspace_id, target_id, action, account, ref, seen_scan);

ALTER TABLE ONLY public.announcements
    ADD CONSTRAINT announcements_once UNIQUE (workspace_id, contest_id, kind, seq, target_id);

ALTER TABLE ONLY public.announcements
    ADD CONSTRAINT announcements_pkey PRIMARY KEY (workspace_id, id);

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (workspace_id, id);

ALTER TABLE ONLY public.beacon_rounds
    ADD CONSTRAINT beacon_rounds_pkey PRIMARY KEY (chain, round);

ALTER TABLE ONLY public.channels
    ADD CONSTRAINT channels_pkey PRIMARY KEY (workspace_id, community_id);

ALTER TABLE ONLY public.communities
    ADD CONSTRAINT communities_pkey PRIMARY KEY (workspace_id, id);

ALTER TABLE ONLY public.contest_evidence
    ADD CONSTRAINT contest_evidence_pkey PRIMARY KEY (workspace_id, contest_id, target_id, action);

ALTER TABLE ONLY public.contest_posts
    ADD CONSTRAINT contest_posts_pkey PRIMARY KEY (workspace_id, contest_id, target_id);

ALTER TABLE ONLY public.contest_posts
    ADD CONSTRAINT contest_posts_position_once UNIQUE (workspace_id, contest_id, "position");

ALTER TABLE ONLY public.contests
    ADD CONSTRAINT contests_id_once EXCLUDE USING hash (id WITH =);

ALTER TABLE ONLY public.contests
    ADD CONSTRAINT contests_pkey PRIMARY KEY (workspace_id, id);

ALTER TABLE ONLY public.entrant_accounts
    ADD CONSTRAINT entrant_accounts_pkey PRIMARY KEY (workspace_id, contest_id, platform, instance, account);

ALTER TABLE ONLY public.entrants
    ADD CONSTRAINT entrants_pkey PRIMARY KEY (workspace_id, contest_id, id);

ALTER TABLE ONLY public.entrants
    ADD CONSTRAINT entrants_subject_once UNIQUE (workspace_id, contest_id, subject);

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (workspace_id, contest_id, seq);

ALTER TABLE ONLY public.frozen_chunks
    ADD CONSTRAINT frozen_chunks_pkey PRIMARY KEY (workspace_id, contest_id, kind, seq);

ALTER TABLE ONLY public.heard_events
    ADD CONSTRAINT heard_events_once UNIQUE (workspace_id, community_id, event_id);

ALTER TABLE ONLY public.heard_events
    ADD CONSTRAINT heard_events_pkey PRIMARY KEY (workspace_id, community_id, id);

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (workspace_id, person_id, key);

ALTER TABLE ONLY public.list_accounts
    ADD CONSTRAINT list_accounts_pkey PRIMARY KEY (workspace_id, list_id, platform, instance, account);

ALTER TABLE ONLY public.lists
    ADD CONSTRAINT lists_name_once UNIQUE (workspace_id, name);

ALTER TABLE ONLY public.lists
    ADD CONSTRAINT lists_pkey PRIMARY KEY (workspace_id, id);

ALTER TABLE ONLY public.log_heads
    ADD CONSTRAINT log_heads_pkey PRIMARY KEY (log);

ALTER TABLE ONLY public.log_leaves
    ADD CONSTRAINT log_leaves_event_once UNIQUE (workspace_id, contest_id, seq);

ALTER TABLE ONLY public.log_leaves
    ADD CONSTRAINT log_leaves_pkey PRIMARY KEY (log, index);

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_pkey PRIMARY KEY (workspace_id, person_id);

ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_once UNIQUE (workspace_id, contest_id, seq, platform, instance, account);

ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_pkey PRIMARY KEY (workspace_id, id);

ALTER TABLE ONLY public.openings
    ADD CONSTRAINT openings_commitment_once UNIQUE (workspace_id, contest_id, commitment);

ALTER TABLE ONLY public.openings
    ADD CONSTRAINT openings_pkey PRIMARY KEY (workspace_id, contest_id, entrant_id);

ALTER TABLE ONLY public.overrides
    ADD CONSTRAINT overrides_pkey PRIMARY KEY (workspace_id, contest_id, id);

ALTER TABLE ONLY public.persons
    ADD CONSTRAINT persons_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.scan_pages
    ADD CONSTRAINT scan_pages_pkey PRIMARY KEY (workspace_id, scan_id, seq);

ALTER TABLE ONLY public.scans
    ADD CONSTRAINT scans_pkey PRIMARY KEY (workspace_id, id);

ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.sign_ins
    ADD CONSTRAINT sign_ins_pkey PRIMARY KEY (state);

ALTER TABLE ONLY public.targets
    ADD CONSTRAINT targets_once UNIQUE (workspace_id, platform, instance, kind, ref, pin);

ALTER TABLE ONLY public.targets
    ADD CONSTRAINT targets_pkey PRIMARY KEY (workspace_id, id);

ALTER TABLE ONLY public.terms
    ADD CONSTRAINT terms_pkey PRIMARY KEY (workspace_id, contest_id, version);

ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT tokens_pkey PRIMARY KEY (workspace_id, id);

ALTER TABLE ONLY public.verifiers
    ADD CONSTRAINT verifiers_pkey PRIMARY KEY (sha256);

ALTER TABLE ONLY public.watches
    ADD CONSTRAINT watches_once UNIQUE (workspace_id, target_id, action);

ALTER TABLE ONLY public.watches
    ADD CONSTRAINT watches_pkey PRIMARY KEY (workspace_id, id);

ALTER TABLE ONLY public.work
    ADD CONSTRAINT work_once UNIQUE (workspace_id, kind, subject);

ALTER TABLE ONLY public.work
    ADD CONSTRAINT work_pkey PRIMARY KEY (workspace_id, id);

ALTER TABLE ONLY public.workspaces
    ADD CONSTRAINT workspaces_pkey PRIMARY KEY (id);

CREATE INDEX accounts_by_handle ON public.accounts USING btree (workspace_id, lower(handle));

CREATE INDEX actions_hidden ON public.actions USING btree (workspace_id, target_id, action) WHERE (gone_why = 'hidden'::text);

CREATE INDEX audit_log_of_subject ON public.audit_log USING btree (workspace_id, subject, id);

CREATE UNIQUE INDEX channels_path_once ON public.channels USING btree (path);

CREATE UNIQUE INDEX communities_account_once ON public.communities USING btree (workspace_id, platform, instance, account) WHERE (removed_at IS NULL);

CREATE INDEX communities_ending ON public.communities USING btree (credential_ends_at) WHERE ((removed_at IS NULL) AND (credential_ends_at IS NOT NULL));

CREATE INDEX contest_evidence_of_target ON public.contest_evidence USING btree (workspace_id, target_id, action);

CREATE INDEX contest_posts_of_target ON public.contest_posts USING btree (workspace_id, target_id);

CREATE INDEX contests_by_status ON public.contests USING btree (workspace_id, status, id);

CREATE INDEX entrant_accounts_of_entrant ON public.entrant_accounts USING btree (workspace_id, contest_id, entrant_id);

CREATE INDEX entrants_by_label ON public.entrants USING btree (workspace_id, contest_id, label);

CREATE INDEX entrants_by_state ON public.entrants USING btree (workspace_id, contest_id, state, reason, id);

CREATE UNIQUE INDEX events_one_of_a_kind ON public.events USING btree (workspace_id, contest_id, type) WHERE (type = ANY (ARRAY['rules'::text, 'freeze'::text, 'result'::text, 'void'::text, 'close'::text]));

CREATE INDEX heard_events_by_age ON public.heard_events USING btree (heard_at);

CREATE INDEX heard_events_due ON public.heard_events USING btree (workspace_id, community_id, id) WHERE (merged_at IS NULL);

CREATE INDEX idempotency_keys_by_age ON public.idempotency_keys USING btree (created_at);

CREATE INDEX list_accounts_of_account ON public.list_accounts USING btree (workspace_id, platform, instance, account);

CREATE INDEX memberships_of_person ON public.memberships USING btree (person_id);

CREATE INDEX notices_due_of_target ON public.notices USING btree (workspace_id, target_id) WHERE (state = 'due'::text);

CREATE INDEX notices_of_contest ON public.notices USING btree (workspace_id, contest_id, id);

CREATE UNIQUE INDEX persons_email_once ON public.persons USING btree (lower(email));

CREATE INDEX scan_staging_of_scan ON public.scan_staging USING btree (workspace_id, scan_id);

CREATE INDEX scans_of_watch ON public.scans USING btree (workspace_id, watch_id, id);

CREATE UNIQUE INDEX scans_one_running ON public.scans USING btree (workspace_id, watch_id) WHERE (state = 'running'::text);

CREATE INDEX sign_ins_by_age ON public.sign_ins USING btree (created_at);

CREATE INDEX targets_of_community ON public.targets USING btree (workspace_id, community_id);

CREATE UNIQUE INDEX tokens_digest_once ON public.tokens USING btree (digest);

CREATE INDEX work_due ON public.work USING btree (due_at);

CREATE INDEX work_leased ON public.work USING btree (lease_until) WHERE (lease IS NOT NULL);

CREATE TRIGGER audit_log_is_append_only BEFORE DELETE OR UPDATE ON public.audit_log FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER beacon_rounds_are_written_once BEFORE DELETE OR UPDATE ON public.beacon_rounds FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER contests_practice_is_fixed BEFORE UPDATE ON public.contests FOR EACH ROW EXECUTE FUNCTION public.keep_practice();

CREATE TRIGGER events_are_written_once BEFORE DELETE OR UPDATE ON public.events FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER frozen_chunks_are_written_once BEFORE DELETE OR UPDATE ON public.frozen_chunks FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER log_leaves_are_written_once BEFORE DELETE OR UPDATE ON public.log_leaves FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER overrides_are_written_once BEFORE DELETE OR UPDATE ON public.overrides FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER terms_are_written_once BEFORE DELETE OR UPDATE ON public.terms FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER verifiers_are_written_once BEFORE DELETE OR UPDATE ON public.verifiers FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

ALTER TABLE ONLY public.announcements
    ADD CONSTRAINT announcements_contest FOREIGN KEY (workspace_id, contest_id) REFERENCES public.contests(workspace_id, id);

ALTER TABLE ONLY public.announcements
    ADD CONSTRAINT announcements_target FOREIGN KEY (workspace_id, target_id) REFERENCES public.targets(workspace_id, id);

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id);

ALTER TABLE ONLY public.channels
    ADD CONSTRAINT channels_community FOREIGN KEY (workspace_id, community_id) REFERENCES public.communities(workspace_id, id);

ALTER TABLE ONLY public.communities
    ADD CONSTRAINT communities_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id);

ALTER TABLE ONLY public.contest_evidence
    ADD CONSTRAINT contest_evidence_closing_scan FOREIGN KEY (workspace_id, closing_scan_id) REFERENCES public.scans(workspace_id, id);

ALTER TABLE ONLY public.contest_evidence
    ADD CONSTRAINT contest_evidence_contest FOREIGN KEY (workspace_id, contest_id) REFERENCES public.contests(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.contest_evidence
    ADD CONSTRAINT contest_evidence_recheck_scan FOREIGN KEY (workspace_id, recheck_scan_id) REFERENCES public.scans(workspace_id, id);

ALTER TABLE ONLY public.contest_evidence
    ADD CONSTRAINT contest_evidence_target FOREIGN KEY (workspace_id, target_id) REFERENCES public.targets(workspace_id, id);

ALTER TABLE ONLY public.contest_posts
    ADD CONSTRAINT contest_posts_contest FOREIGN KEY (workspace_id, contest_id) REFERENCES public.contests(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.contest_posts
    ADD CONSTRAINT contest_posts_target FOREIGN KEY (workspace_id, target_id) REFERENCES public.targets(workspace_id, id);

ALTER TABLE ONLY public.contests
    ADD CONSTRAINT contests_created_by FOREIGN KEY (created_by) REFERENCES public.persons(id);

ALTER TABLE ONLY public.contests
    ADD CONSTRAINT contests_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id);

ALTER TABLE ONLY public.entrant_accounts
    ADD CONSTRAINT entrant_accounts_entrant FOREIGN KEY (workspace_id, contest_id, entrant_id) REFERENCES public.entrants(workspace_id, contest_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.entrants
    ADD CONSTRAINT entrants_contest FOREIGN KEY (workspace_id, contest_id) REFERENCES public.contests(workspace_id, id);

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_contest FOREIGN KEY (workspace_id, contest_id) REFERENCES public.contests(workspace_id, id);

ALTER TABLE ONLY public.frozen_chunks
    ADD CONSTRAINT frozen_chunks_contest FOREIGN KEY (workspace_id, contest_id) REFERENCES public.contests(workspace_id, id);

ALTER TABLE ONLY public.heard_events
    ADD CONSTRAINT heard_events_channel FOREIGN KEY (workspace_id, community_id) REFERENCES public.channels(workspace_id, community_id);

ALTER TABLE ONLY public.list_accounts
    ADD CONSTRAINT list_accounts_list FOREIGN KEY (workspace_id, list_id) REFERENCES public.lists(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.lists
    ADD CONSTRAINT lists_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id);

ALTER TABLE ONLY public.log_leaves
    ADD CONSTRAINT log_leaves_event FOREIGN KEY (workspace_id, contest_id, seq) REFERENCES public.events(workspace_id, contest_id, seq);

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_person FOREIGN KEY (person_id) REFERENCES public.persons(id);

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id);

ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_contest FOREIGN KEY (workspace_id, contest_id) REFERENCES public.contests(workspace_id, id);

ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_target FOREIGN KEY (workspace_id, target_id) REFERENCES public.targets(workspace_id, id);

ALTER TABLE ONLY public.openings
    ADD CONSTRAINT openings_contest FOREIGN KEY (workspace_id, contest_id) REFERENCES public.contests(workspace_id, id);

ALTER TABLE ONLY public.overrides
    ADD CONSTRAINT overrides_contest FOREIGN KEY (workspace_id, contest_id) REFERENCES public.contests(workspace_id, id);

ALTER TABLE ONLY public.scan_pages
    ADD CONSTRAINT scan_pages_scan FOREIGN KEY (workspace_id, scan_id) REFERENCES public.scans(workspace_id, id);

ALTER TABLE ONLY public.scans
    ADD CONSTRAINT scans_watch FOREIGN KEY (workspace_id, watch_id) REFERENCES public.watches(workspace_id, id);

ALTER TABLE ONLY public.sign_ins
    ADD CONSTRAINT sign_ins_community FOREIGN KEY (workspace_id, community_id) REFERENCES public.communities(workspace_id, id);

ALTER TABLE ONLY public.sign_ins
    ADD CONSTRAINT sign_ins_person FOREIGN KEY (person_id) REFERENCES public.persons(id);

ALTER TABLE ONLY public.targets
    ADD CONSTRAINT targets_community FOREIGN KEY (workspace_id, community_id) REFERENCES public.communities(workspace_id, id);

ALTER TABLE ONLY public.terms
    ADD CONSTRAINT terms_contest FOREIGN KEY (workspace_id, contest_id) REFERENCES public.contests(workspace_id, id);

ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT tokens_membership FOREIGN KEY (workspace_id, person_id) REFERENCES public.memberships(workspace_id, person_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.watches
    ADD CONSTRAINT watches_target FOREIGN KEY (workspace_id, target_id) REFERENCES public.targets(workspace_id, id);

ALTER TABLE ONLY public.work
    ADD CONSTRAINT work_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id);
