-- All migrations together, as pg_dump tells them. Made by `make snapshot`, not by hand.

CREATE FUNCTION public.account_of(subject text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN starts_with(subject, 'did:'::text) THEN subject WHEN (strpos(subject, ':did:'::text) > 0) THEN substr(subject, (strpos(subject, ':did:'::text) + 1)) ELSE split_part(subject, ':'::text, '-1'::integer) END;

CREATE FUNCTION public.asks_plainly(said text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
BEGIN
    RETURN strpos(said, '?') > 0
        OR (strpos(said, ' ли ') > 0 AND said ~ ' (?!(вряд|навряд|едва|чуть|то|мало) )[а-я-]+ ли ')
        OR (said ~ ('(^|[.!]) (al|am|an|ar|bu|ca|co|di|do|gu|ha|he|hi|ho|is|ma|ok|pl|sh|'
            || 'so|th|wa|we|wh|wi|wo|а |ад|в |во|гд|да|дл|до|др|ещ|за|зд|и |из|к |ка|ке|ко|кт|ку|'
            || 'на|но|ну|о |об|ой|от|по|пр|ре|с |ск|со|та|то|у |че|чт|чь|эй)')
            AND said ~ ('(^|[.!]) ((а|и|но|ну|да|о|ой|эй|так|тогда|еще|вот|скажите|'
            || 'пожалуйста|ребята|друзья|админ|админы|привет|здравствуйте|приветствую|добрый день|'
            || 'добрый вечер|доброе утро|and|but|so|ok|okay|hi|hey|hello|please|sorry|guys|also|'
            || 'then) )*(((в|во|до|с|со|по|на|за|у|к|ко|от|из|для|о|об|при) )?(когда|где|куда|'
            || 'откуда|почему|зачем|сколько|скольки|кто|кого|кому|кем|чего|чему|чей|чья|чье|чьи|'
            || 'какого|каким|каких|какую|каком|какому) |((в|во|до|с|со|по|на|за|у|к|ко|от|из|для|'
            || 'о|об|при) )?(как|какой|какая|какое|какие|что|what|how) (?!(же|ж|бы|раз|только|'
            || 'будто|говорится|всегда|обычно|и|круто|здорово|классно|красиво|хочу|хочется|мило|'
            || 'приятно|жаль|жалко|a|an|cool|nice|beautiful|lovely|wonderful|amazing|great|cute|'
            || 'pretty|sweet|fun) )(?![^.!?]*!)|(when|where|why|who|whom|whose|which) (?!i win)|'
            || '(can|could|may|am|is|are|was|were|will|would|should|shall|does|did|isn t|aren t|'
            || 'doesn t|won t|can t) (i|we|you|he|she|it|they|there|this|that|these|those|the|my|'
            || 'anyone|anybody|people) |(do|have) (i|we|you|they|people) )'))
        OR (string_to_array(said, ' ') && ARRAY['anybody', 'anyone', 'could',
            'explain', 'please', 'question', 'sure', 'tell', 'understand', 'whether', 'wonder',
            'wondering', 'вопрос', 'знает', 'кто-нибудь', 'непонятно', 'объясните',
            'подскажете', 'подскажи', 'подскажите', 'подскажут', 'пойму', 'понимаю', 'понял',
            'поняла', 'поучаствовать', 'поясните', 'спросить', 'узнать', 'уточните',
            'участвовать', 'хотела', 'хотелось']
            AND said ~ (' (подскажите|подскажи|подскажете|не подскажут|объясните|поясните|'
            || 'уточните|не пойму|не понял|не поняла|не понимаю|непонятно|есть вопрос|'
            || 'у меня вопрос|вопрос такой|хочу спросить|хотел спросить|хотела спросить|'
            || 'хотелось бы узнать|хотел узнать|хотела узнать|кто знает|кто-нибудь знает|'
            || 'можно узнать|можно спросить|можно поучаствовать|можно участвовать|could you tell|'
            || 'can you tell|please tell|please explain|anyone know|anybody know|anyone knows|'
            || 'have a question|i wonder|wondering if|wondering how|wondering when|not sure how|'
            || 'not sure if|not sure whether|not sure when|don t understand|didn t understand) '));
END $$;

CREATE FUNCTION public.asks_something(said text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN (lower((said COLLATE pg_c_utf8)) ~ ('[?ё]|к(о[гм]|уда|то|ем|ак)|где|че[мгй]|скол|чь|что|ли|п(о[йняд]|рос)|зна|можн|уточ|'::text || 'объя|w[haeio]|how|c[ao]|ma|a[mr]|is|sh|d[io]|ha|te|ex|kn|qu|su|un'::text)) THEN public.asks_plainly(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(((' '::text || translate(lower((said COLLATE pg_c_utf8)), 'ё'::text, 'е'::text)) || ' '::text), 'https?://[^ \n]+|\[[a-z]+[0-9]+\|[^]]*\]|[@#][^ \n]+'::text, ' '::text, 'g'::text), '[:;…\n\r]'::text, '.'::text, 'g'::text), '([.!?])'::text, ' \1 '::text, 'g'::text), '[^a-zа-я0-9.!? -]+'::text, ' '::text, 'g'::text), ' +'::text, ' '::text, 'g'::text)) ELSE false END;

CREATE FUNCTION public.instance_of(subject text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN (strpos(subject, '@'::text) = 0) THEN ''::text ELSE substr(subject, (strpos(subject, '@'::text) + 1), (((length(subject) - length(public.account_of(subject))) - strpos(subject, '@'::text)) - 1)) END;

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

CREATE FUNCTION public.keep_promised_quiz() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.keep_verdict_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO verdict_changes (workspace_id, contest_id, entrant_id, at,
        former_state, former_reason, former_tickets, state, reason, tickets)
    VALUES (NEW.workspace_id, NEW.contest_id, NEW.id, NEW.judged_at,
        OLD.state, OLD.reason, OLD.tickets, NEW.state, NEW.reason, NEW.tickets);
    RETURN NULL;
END
$$;

CREATE FUNCTION public.kind_of(platform text, state text, reason text, marks text) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ((('x'::text || "left"(md5(((((((platform || '
'::text) || state) || '
'::text) || reason) || '
'::text) || marks)), 16)))::bit(64))::bigint;

CREATE FUNCTION public.ping_contest() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM pg_notify('contest_changed', NEW.contest_id::text);
    RETURN NULL;
END
$$;

CREATE FUNCTION public.ping_contests_of_watch() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM pg_notify('contest_changed', e.contest_id::text)
    FROM watches w
    JOIN contest_evidence e ON e.workspace_id = w.workspace_id AND e.target_id = w.target_id
        AND e.action = w.action
    WHERE w.workspace_id = NEW.workspace_id AND w.id = NEW.watch_id;
    RETURN NULL;
END
$$;

CREATE FUNCTION public.ping_own_contest() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM pg_notify('contest_changed', NEW.id::text);
    RETURN NULL;
END
$$;

CREATE FUNCTION public.platform_of(subject text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN starts_with(subject, 'did:'::text) THEN 'bluesky'::text ELSE split_part(split_part(COALESCE(subject, ''::text), ':'::text, 1), '@'::text, 1) END;

CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are written once and never changed', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE FUNCTION public.refuse_change_but_erasure() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.erased_at IS NOT NULL
        AND to_jsonb(NEW) - 'detail' - 'erased_at' = to_jsonb(OLD) - 'detail' - 'erased_at' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'rows of % are written once and never changed', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE FUNCTION public.signal_score(s smallint[], w smallint[]) RETURNS smallint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
    SELECT floor(100.0::float8 * (1.0::float8
        - (1.0::float8 - (s[1] * w[1]::integer) / 10000.0::float8)
        * (1.0::float8 - (s[2] * w[2]::integer) / 10000.0::float8)
        * (1.0::float8 - (s[3] * w[3]::integer) / 10000.0::float8)
        * (1.0::float8 - (s[4] * w[4]::integer) / 10000.0::float8)
        * (1.0::float8 - (s[5] * w[5]::integer) / 10000.0::float8)
        * (1.0::float8 - (s[6] * w[6]::integer) / 10000.0::float8)
        * (1.0::float8 - (s[7] * w[7]::integer) / 10000.0::float8)
        * (1.0::float8 - (s[8] * w[8]::integer) / 10000.0::float8)) + 0.5::float8)::smallint
$$;

CREATE FUNCTION public.subject_of(platform text, instance text, account text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN (instance <> ''::text) THEN ((((platform || '@'::text) || instance) || ':'::text) || account) WHEN (platform = 'bluesky'::text) THEN account ELSE ((platform || ':'::text) || account) END;

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
    country text DEFAULT ''::text NOT NULL,
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
    number integer DEFAULT 0 NOT NULL,
    CONSTRAINT announcements_kind_known CHECK ((kind = ANY (ARRAY['freeze'::text, 'result'::text, 'succession'::text, 'amendment'::text, 'void'::text, 'correction'::text]))),
    CONSTRAINT announcements_published_known CHECK (((state = 'published'::text) = (published_ref IS NOT NULL))),
    CONSTRAINT announcements_state_known CHECK ((state = ANY (ARRAY['due'::text, 'published'::text, 'failed'::text])))
);

CREATE TABLE public.answered_comments (
    workspace_id uuid NOT NULL,
    target_id uuid NOT NULL,
    account text NOT NULL,
    ref text NOT NULL,
    answered_by uuid NOT NULL,
    answered_at timestamp with time zone NOT NULL
);

CREATE TABLE public.appeals (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    entrant_id uuid NOT NULL,
    text text NOT NULL,
    made_at timestamp with time zone NOT NULL,
    former_state text NOT NULL,
    former_reason text NOT NULL,
    former_tickets integer NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    outcome text,
    answer text DEFAULT ''::text NOT NULL,
    answered_by uuid,
    ended_at timestamp with time zone,
    CONSTRAINT appeals_answered_whole CHECK ((((state = 'answered'::text) = (outcome IS NOT NULL)) AND ((state = 'answered'::text) = (answered_by IS NOT NULL)))),
    CONSTRAINT appeals_ended CHECK (((state = 'open'::text) = (ended_at IS NULL))),
    CONSTRAINT appeals_outcome_known CHECK ((outcome = ANY (ARRAY['unchanged'::text, 'changed'::text, 'override_proposed'::text, 'nothing_to_do'::text]))),
    CONSTRAINT appeals_state_known CHECK ((state = ANY (ARRAY['open'::text, 'answered'::text, 'unanswered'::text])))
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
    request_id text NOT NULL,
    erased_at timestamp with time zone,
    session_id uuid
);

CREATE TABLE public.beacon_rounds (
    chain bytea NOT NULL,
    round bigint NOT NULL,
    signature bytea NOT NULL,
    randomness bytea NOT NULL,
    relay text NOT NULL,
    fetched_at timestamp with time zone NOT NULL
);

CREATE TABLE public.benches (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    run uuid NOT NULL,
    snapshot pg_snapshot,
    cluster bigint,
    rests_on bytea,
    asked_since bigint,
    has_unread boolean DEFAULT false NOT NULL,
    CONSTRAINT benches_judged_whole CHECK ((((snapshot IS NULL) = (cluster IS NULL)) AND ((snapshot IS NULL) = (rests_on IS NULL))))
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

CREATE TABLE public.checkpoints (
    log text NOT NULL,
    size bigint NOT NULL,
    before bigint NOT NULL,
    root bytea NOT NULL,
    note bytea NOT NULL,
    signed_at timestamp with time zone NOT NULL,
    CONSTRAINT checkpoints_root_size CHECK ((octet_length(root) = 32)),
    CONSTRAINT checkpoints_size_grows CHECK (((0 <= before) AND (before < size)))
);

CREATE TABLE public.claims (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    commitment bytea NOT NULL,
    claimed_at timestamp with time zone NOT NULL,
    how text NOT NULL,
    noted_by uuid,
    CONSTRAINT claims_how_known CHECK ((how = ANY (ARRAY['noted'::text, 'page'::text])))
);

CREATE TABLE public.comment_bands (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    band bigint NOT NULL,
    source_id uuid NOT NULL
);

CREATE TABLE public.comment_sketches (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    target_id uuid NOT NULL,
    account text NOT NULL,
    ref text NOT NULL,
    source_id uuid
);

CREATE TABLE public.comment_sources (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    id uuid NOT NULL,
    target_id uuid NOT NULL,
    account text NOT NULL,
    ref text NOT NULL,
    written_at bigint NOT NULL,
    words smallint NOT NULL,
    features bytea NOT NULL,
    writers integer DEFAULT 1 NOT NULL,
    is_common boolean DEFAULT false NOT NULL
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
    health_since timestamp with time zone DEFAULT now() NOT NULL,
    credential_parts jsonb DEFAULT '{}'::jsonb NOT NULL,
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
    promised_draw_at timestamp with time zone,
    CONSTRAINT contests_status_known CHECK ((status = ANY (ARRAY['draft'::text, 'scheduled'::text, 'running'::text, 'closing'::text, 'frozen'::text, 'drawn'::text, 'announced'::text, 'completed'::text, 'cancelled'::text, 'void'::text]))),
    CONSTRAINT contests_times_ordered CHECK (((opens_at <= closes_at) AND (closes_at <= freeze_at) AND (freeze_at <= draw_at)))
);

CREATE TABLE public.cosignatures (
    log text NOT NULL,
    size bigint NOT NULL,
    witness text NOT NULL,
    line text NOT NULL,
    "time" bigint NOT NULL,
    received_at timestamp with time zone NOT NULL
);

CREATE TABLE public.deliveries (
    workspace_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    contest_id uuid NOT NULL,
    commitment bytea NOT NULL,
    delivered_at timestamp with time zone NOT NULL,
    noted_by uuid,
    undone_at timestamp with time zone,
    undone_by uuid
);

CREATE TABLE public.disqualifications (
    workspace_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    contest_id uuid NOT NULL,
    entry uuid NOT NULL,
    commitment bytea NOT NULL,
    reason text NOT NULL,
    proposed_by uuid NOT NULL,
    proposed_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone,
    state text DEFAULT 'proposed'::text NOT NULL,
    decided_by uuid,
    decided_at timestamp with time zone,
    seq integer,
    effective_at timestamp with time zone,
    CONSTRAINT disqualifications_another_person CHECK (((state <> ALL (ARRAY['approved'::text, 'effective'::text])) OR (decided_by <> proposed_by))),
    CONSTRAINT disqualifications_decided CHECK (((state = 'proposed'::text) = (decided_at IS NULL))),
    CONSTRAINT disqualifications_delayed CHECK (((state <> 'effective'::text) OR (decided_by IS NOT NULL) OR (due_at IS NOT NULL))),
    CONSTRAINT disqualifications_effective CHECK ((((state = 'effective'::text) = (seq IS NOT NULL)) AND ((state = 'effective'::text) = (effective_at IS NOT NULL)))),
    CONSTRAINT disqualifications_state_known CHECK ((state = ANY (ARRAY['proposed'::text, 'approved'::text, 'effective'::text, 'withdrawn'::text, 'overtaken'::text])))
);

CREATE TABLE public.entrants (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    subject text,
    label text NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    tickets integer NOT NULL,
    record text,
    record_salt bytea,
    record_digest bytea NOT NULL,
    judged_at timestamp with time zone NOT NULL,
    erased_at timestamp with time zone,
    marks text DEFAULT ''::text NOT NULL,
    entry_id uuid,
    kind bigint NOT NULL,
    CONSTRAINT entrants_erased_whole CHECK (
CASE
    WHEN (erased_at IS NULL) THEN ((subject IS NOT NULL) AND (record IS NOT NULL) AND (record_salt IS NOT NULL))
    ELSE ((subject IS NULL) AND (record IS NULL) AND (record_salt IS NULL) AND (label = ''::text))
END),
    CONSTRAINT entrants_merged_elsewhere CHECK (((entry_id IS NULL) OR ((entry_id <> id) AND (subject IS NOT NULL)))),
    CONSTRAINT entrants_state_known CHECK ((state = ANY (ARRAY['valid'::text, 'invalid'::text, 'cannot_verify'::text, 'quarantined'::text]))),
    CONSTRAINT entrants_tickets_match CHECK (((state = 'valid'::text) = (tickets > 0)))
)
WITH (toast_tuple_target='8160');

CREATE VIEW public.entrant_accounts AS
 SELECT entrants.workspace_id,
    entrants.contest_id,
    entrants.id AS entrant_id,
    public.platform_of(entrants.subject) AS platform,
    public.instance_of(entrants.subject) AS instance,
    public.account_of(entrants.subject) AS account
   FROM public.entrants
  WHERE ((entrants.entry_id IS NULL) AND (entrants.subject IS NOT NULL) AND (public.platform_of(entrants.subject) <> 'import'::text))
UNION ALL
 SELECT entrants.workspace_id,
    entrants.contest_id,
    entrants.entry_id AS entrant_id,
    public.platform_of(entrants.subject) AS platform,
    public.instance_of(entrants.subject) AS instance,
    public.account_of(entrants.subject) AS account
   FROM public.entrants
  WHERE (entrants.entry_id IS NOT NULL);

CREATE TABLE public.entrant_arrivals (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    platform text NOT NULL,
    minute timestamp with time zone NOT NULL,
    entrants bigint NOT NULL
);

CREATE TABLE public.entrant_signals (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    entrant_id uuid NOT NULL,
    score smallint NOT NULL,
    strengths smallint[] NOT NULL,
    facts text NOT NULL,
    age_days integer,
    measured_at timestamp with time zone NOT NULL,
    CONSTRAINT entrant_signals_score_known CHECK (((score >= 0) AND (score <= 100)))
);

CREATE TABLE public.entrant_tallies (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    platform text NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    marks text NOT NULL,
    entrants bigint NOT NULL,
    tickets bigint NOT NULL
);

CREATE TABLE public.erasure_accounts (
    workspace_id uuid NOT NULL,
    erasure_id uuid NOT NULL,
    platform text NOT NULL,
    instance text NOT NULL,
    account text NOT NULL,
    names text[] DEFAULT '{}'::text[] NOT NULL
);

CREATE TABLE public.erasure_entries (
    workspace_id uuid NOT NULL,
    erasure_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    entrant_id uuid NOT NULL,
    names text[] DEFAULT '{}'::text[] NOT NULL
);

CREATE TABLE public.erasures (
    workspace_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    cause text NOT NULL,
    contest_id uuid,
    reason text DEFAULT ''::text NOT NULL,
    removes_from_lists boolean DEFAULT false NOT NULL,
    requested_by uuid,
    created_at timestamp with time zone NOT NULL,
    state text DEFAULT 'due'::text NOT NULL,
    waits_for uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    counts jsonb DEFAULT '{}'::jsonb NOT NULL,
    swept text[] DEFAULT '{}'::text[] NOT NULL,
    urls text[] DEFAULT '{}'::text[] NOT NULL,
    done_at timestamp with time zone,
    CONSTRAINT erasures_cause_known CHECK ((cause = ANY (ARRAY['request'::text, 'retention'::text, 'bodies'::text]))),
    CONSTRAINT erasures_done_dated CHECK (((state = 'done'::text) = (done_at IS NOT NULL))),
    CONSTRAINT erasures_of_one CHECK (((cause = 'request'::text) = (contest_id IS NULL))),
    CONSTRAINT erasures_state_known CHECK ((state = ANY (ARRAY['due'::text, 'waiting'::text, 'done'::text])))
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

CREATE TABLE public.evidence_changes (
    workspace_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    platform text DEFAULT ''::text NOT NULL,
    instance text DEFAULT ''::text NOT NULL,
    target_id uuid,
    contest_id uuid,
    accounts text[],
    entrants uuid[],
    seen_at timestamp with time zone
);
ALTER TABLE ONLY public.evidence_changes ALTER COLUMN accounts SET STORAGE EXTERNAL;
ALTER TABLE ONLY public.evidence_changes ALTER COLUMN entrants SET STORAGE EXTERNAL;

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

CREATE TABLE public.imported_entries (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    id uuid NOT NULL,
    import_id uuid NOT NULL,
    line integer NOT NULL,
    reference text,
    label text NOT NULL,
    entered_at timestamp with time zone,
    due boolean DEFAULT true NOT NULL,
    undone_at timestamp with time zone,
    erased_at timestamp with time zone,
    CONSTRAINT imported_entries_erased_whole CHECK (
CASE
    WHEN (erased_at IS NULL) THEN ((reference IS NOT NULL) AND (label <> ''::text))
    ELSE ((reference IS NULL) AND (label = ''::text))
END)
);

CREATE TABLE public.imports (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    source text NOT NULL,
    sha256 bytea NOT NULL,
    size integer NOT NULL,
    entries integer NOT NULL,
    imported_by uuid NOT NULL,
    imported_at timestamp with time zone NOT NULL,
    undone_by uuid,
    undone_at timestamp with time zone,
    undone_why text DEFAULT ''::text NOT NULL,
    CONSTRAINT imports_source_known CHECK ((source = ANY (ARRAY['csv'::text, 'api'::text]))),
    CONSTRAINT imports_undone_whole CHECK ((((undone_at IS NULL) = (undone_by IS NULL)) AND ((undone_at IS NULL) = (undone_why = ''::text))))
);

CREATE TABLE public.invitations (
    workspace_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    digest bytea NOT NULL,
    role text NOT NULL,
    email text,
    invited_by uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    CONSTRAINT invitations_role_known CHECK ((role = ANY (ARRAY['owner'::text, 'editor'::text, 'auditor'::text])))
);

CREATE TABLE public.judgings (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    began_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone NOT NULL,
    is_closing boolean NOT NULL,
    terms_version integer NOT NULL,
    scans uuid[] NOT NULL,
    appeared integer NOT NULL,
    changed integer NOT NULL,
    entrants bigint NOT NULL
);

CREATE TABLE public.links (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    entrant_id uuid NOT NULL,
    into_id uuid NOT NULL,
    platform text NOT NULL,
    instance text NOT NULL,
    account text NOT NULL,
    shown text[] NOT NULL,
    ownerships uuid[] NOT NULL,
    consent text NOT NULL,
    consent_version integer NOT NULL,
    consent_language text NOT NULL,
    linked_at timestamp with time zone NOT NULL,
    parted_at timestamp with time zone,
    CONSTRAINT links_of_two CHECK (((entrant_id <> into_id) AND (cardinality(shown) = 2) AND (cardinality(ownerships) = 2)))
);

CREATE TABLE public.list_accounts (
    workspace_id uuid NOT NULL,
    list_id uuid NOT NULL,
    platform text NOT NULL,
    instance text NOT NULL,
    account text NOT NULL,
    reason text NOT NULL,
    added_by uuid NOT NULL,
    added_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone,
    lapsed_at timestamp with time zone,
    CONSTRAINT list_accounts_expire_later CHECK ((expires_at > added_at)),
    CONSTRAINT list_accounts_lapse_at_end CHECK ((lapsed_at >= expires_at))
);

CREATE TABLE public.lists (
    workspace_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.log_hashes (
    log text NOT NULL,
    level smallint NOT NULL,
    index bigint NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT log_hashes_level_known CHECK (((level >= 0) AND (level <= 62))),
    CONSTRAINT log_hashes_size CHECK ((octet_length(hash) = 32))
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

CREATE TABLE public.namings (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    commitment bytea NOT NULL,
    seq integer NOT NULL,
    entry uuid
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
    place smallint DEFAULT 0 NOT NULL,
    CONSTRAINT notices_how_known CHECK ((how = ANY (ARRAY['message'::text, 'mention'::text, 'post'::text]))),
    CONSTRAINT notices_named_alike CHECK (((label = ''::text) = (mention = ''::text))),
    CONSTRAINT notices_state_known CHECK ((state = ANY (ARRAY['due'::text, 'told'::text, 'unreachable'::text, 'failed'::text, 'withdrawn'::text, 'elsewhere'::text]))),
    CONSTRAINT notices_told_known CHECK (((state = 'told'::text) = (how IS NOT NULL)))
);

CREATE TABLE public.openings (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    entrant_id uuid NOT NULL,
    commitment bytea NOT NULL,
    salt bytea,
    subject text,
    label text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT openings_erased_whole CHECK (
CASE
    WHEN (salt IS NULL) THEN ((subject IS NULL) AND (label = ''::text))
    ELSE (subject IS NOT NULL)
END)
);

CREATE TABLE public.overnamed (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    platform text NOT NULL,
    instance text NOT NULL,
    account text NOT NULL,
    named_by integer NOT NULL
);

CREATE TABLE public.override_proposals (
    workspace_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    contest_id uuid NOT NULL,
    kind text NOT NULL,
    entrant_id uuid,
    "least" smallint,
    reason text NOT NULL,
    state text DEFAULT 'proposed'::text NOT NULL,
    proposed_by uuid NOT NULL,
    proposed_role text NOT NULL,
    proposed_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone,
    approved_by uuid,
    approved_role text,
    effective_at timestamp with time zone,
    ended_by uuid,
    ended_at timestamp with time zone,
    note text DEFAULT ''::text NOT NULL,
    CONSTRAINT override_proposals_about_one CHECK ((((kind = 'coverage'::text) = (entrant_id IS NULL)) AND ((kind = 'coverage'::text) = ("least" IS NOT NULL)))),
    CONSTRAINT override_proposals_another_person CHECK ((approved_by <> proposed_by)),
    CONSTRAINT override_proposals_approved_whole CHECK (((approved_by IS NULL) = (approved_role IS NULL))),
    CONSTRAINT override_proposals_decided CHECK (((effective_at IS NULL) OR (approved_by IS NOT NULL) OR (due_at IS NOT NULL))),
    CONSTRAINT override_proposals_effective CHECK (
CASE state
    WHEN 'effective'::text THEN (effective_at IS NOT NULL)
    WHEN 'withdrawn'::text THEN true
    ELSE (effective_at IS NULL)
END),
    CONSTRAINT override_proposals_ended CHECK (((state = ANY (ARRAY['withdrawn'::text, 'lapsed'::text])) = (ended_at IS NOT NULL))),
    CONSTRAINT override_proposals_kind_known CHECK ((kind = ANY (ARRAY['admit'::text, 'exclude'::text, 'coverage'::text]))),
    CONSTRAINT override_proposals_state_known CHECK ((state = ANY (ARRAY['proposed'::text, 'effective'::text, 'withdrawn'::text, 'lapsed'::text])))
);

CREATE TABLE public.overrides (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    kind text NOT NULL,
    reason text NOT NULL,
    person_id uuid,
    at timestamp with time zone NOT NULL,
    entrant_id uuid,
    CONSTRAINT overrides_kind_known CHECK ((kind = ANY (ARRAY['coverage'::text, 'recheck'::text, 'admit'::text, 'exclude'::text, 'withdrawn'::text])))
);

CREATE TABLE public.ownerships (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    platform text NOT NULL,
    instance text NOT NULL,
    account text NOT NULL,
    entrant_id uuid,
    secret bytea NOT NULL,
    code bytea,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    shown_at timestamp with time zone,
    CONSTRAINT ownerships_account_known CHECK (((account = ''::text) = (entrant_id IS NULL))),
    CONSTRAINT ownerships_code_once CHECK (((code IS NULL) = (shown_at IS NOT NULL)))
);

CREATE TABLE public.person_secrets (
    person_id uuid NOT NULL,
    password text,
    password_at timestamp with time zone,
    totp bytea,
    totp_at timestamp with time zone,
    totp_step bigint DEFAULT 0 NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    failed_at timestamp with time zone,
    code_failures integer DEFAULT 0 NOT NULL,
    code_failed_at timestamp with time zone,
    CONSTRAINT person_secrets_password_dated CHECK (((password IS NULL) = (password_at IS NULL))),
    CONSTRAINT person_secrets_totp_dated CHECK (((totp_at IS NULL) OR (totp IS NOT NULL)))
);

CREATE TABLE public.persons (
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    email text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    email_given_by uuid,
    CONSTRAINT persons_name_given CHECK ((name <> ''::text))
);

CREATE TABLE public.pictures (
    workspace_id uuid NOT NULL,
    digest bytea NOT NULL,
    media_type text NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    bytes bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pictures_digest_size CHECK ((length(digest) = 32)),
    CONSTRAINT pictures_media_type CHECK ((media_type = ANY (ARRAY['image/webp'::text, 'image/png'::text]))),
    CONSTRAINT pictures_size CHECK (((width > 0) AND (height > 0) AND (length(bytes) > 0)))
);
ALTER TABLE ONLY public.pictures ALTER COLUMN bytes SET STORAGE EXTERNAL;

CREATE TABLE public.promises (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    entrant_id uuid NOT NULL,
    number integer NOT NULL,
    commitment bytea NOT NULL,
    weight integer NOT NULL,
    given_at bigint NOT NULL,
    CONSTRAINT promises_weight_positive CHECK ((weight > 0))
);

CREATE TABLE public.quarantines (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    entrant_id uuid NOT NULL,
    batch uuid NOT NULL,
    cause text NOT NULL,
    reason text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    score smallint,
    held_by uuid,
    held_at timestamp with time zone NOT NULL,
    released_by uuid,
    released_at timestamp with time zone,
    release_reason text,
    release_note text DEFAULT ''::text NOT NULL,
    CONSTRAINT quarantines_cause_known CHECK ((cause = ANY (ARRAY['person'::text, 'rule'::text]))),
    CONSTRAINT quarantines_of_a_person CHECK (((cause = 'person'::text) = (held_by IS NOT NULL))),
    CONSTRAINT quarantines_released_whole CHECK ((((released_at IS NULL) = (release_reason IS NULL)) AND ((released_at IS NOT NULL) OR (released_by IS NULL))))
);

CREATE TABLE public.quizzes (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    quiz text NOT NULL,
    commitment bytea NOT NULL,
    sealed bytea,
    sealed_at timestamp with time zone NOT NULL,
    promised_at timestamp with time zone,
    answers text[],
    salt bytea,
    opened_at timestamp with time zone,
    CONSTRAINT quizzes_commitment_whole CHECK ((octet_length(commitment) = 32)),
    CONSTRAINT quizzes_sealed_or_opened CHECK (
CASE
    WHEN (opened_at IS NULL) THEN ((sealed IS NOT NULL) AND (answers IS NULL) AND (salt IS NULL))
    ELSE ((sealed IS NULL) AND (answers IS NOT NULL) AND (octet_length(salt) = 32) AND (promised_at IS NOT NULL))
END)
);

CREATE TABLE public.record_pieces (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    name text NOT NULL,
    text text NOT NULL
);

CREATE TABLE public.recovery_codes (
    person_id uuid NOT NULL,
    digest bytea NOT NULL
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

CREATE TABLE public.sessions (
    person_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    digest bytea NOT NULL,
    waits_for_code boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    address text NOT NULL,
    agent text NOT NULL
);

CREATE TABLE public.sign_in_links (
    digest bytea NOT NULL,
    person_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL
);

CREATE TABLE public.sign_ins (
    state bytea NOT NULL,
    workspace_id uuid NOT NULL,
    community_id uuid,
    person_id uuid NOT NULL,
    verifier bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    named text,
    endpoints jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT sign_ins_for_one CHECK (((community_id IS NULL) = (named IS NOT NULL)))
);

CREATE TABLE public.signal_runs (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    version smallint NOT NULL,
    weights smallint[] NOT NULL,
    accounts integer NOT NULL,
    measured_at timestamp with time zone NOT NULL,
    seconds real NOT NULL
);

CREATE TABLE public.signal_settings (
    workspace_id uuid NOT NULL,
    threshold smallint NOT NULL,
    weights jsonb NOT NULL,
    changed_by uuid,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT signal_settings_threshold_is_a_score CHECK (((threshold >= 1) AND (threshold <= 100)))
);

CREATE TABLE public.staff (
    workspace_id uuid NOT NULL,
    community_id uuid NOT NULL,
    accounts text[],
    read_at timestamp with time zone,
    tried_at timestamp with time zone NOT NULL,
    failure text DEFAULT ''::text NOT NULL
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
    text text,
    text_changed_at timestamp with time zone,
    counts jsonb DEFAULT '{}'::jsonb NOT NULL,
    counted_at timestamp with time zone,
    CONSTRAINT targets_changed_known CHECK (((text_changed_at IS NULL) OR (text IS NOT NULL))),
    CONSTRAINT targets_kind_known CHECK ((kind = ANY (ARRAY['post'::text, 'community'::text])))
);

CREATE TABLE public.templates (
    workspace_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    practice boolean NOT NULL,
    definition jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.terms (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    version integer NOT NULL,
    sha256 bytea NOT NULL,
    bytes bytea NOT NULL
);

CREATE TABLE public.timestamps (
    log text NOT NULL,
    size bigint NOT NULL,
    authority text NOT NULL,
    response bytea NOT NULL,
    "time" bigint NOT NULL,
    received_at timestamp with time zone NOT NULL,
    CONSTRAINT timestamps_response_size CHECK ((octet_length(response) <= 65536))
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

CREATE TABLE public.tours (
    person_id uuid NOT NULL,
    seen text[] DEFAULT '{}'::text[] NOT NULL,
    put_away_at timestamp with time zone
);

CREATE TABLE public.verdict_changes (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    entrant_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    at timestamp with time zone NOT NULL,
    former_state text NOT NULL,
    former_reason text NOT NULL,
    former_tickets integer NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    tickets integer NOT NULL
);

CREATE TABLE public.verifiers (
    sha256 bytea NOT NULL,
    name text NOT NULL,
    bytes bytea NOT NULL
);

CREATE TABLE public.versions (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    version integer NOT NULL,
    definition jsonb NOT NULL,
    in_force_at bigint NOT NULL,
    reason text NOT NULL,
    changes jsonb DEFAULT '{}'::jsonb NOT NULL
);

CREATE TABLE public.watches (
    workspace_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    target_id uuid NOT NULL,
    action text NOT NULL,
    forgotten_at timestamp with time zone
);

CREATE TABLE public.witnessed (
    origin text NOT NULL,
    size bigint NOT NULL,
    root bytea NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    CONSTRAINT witnessed_root_size CHECK ((octet_length(root) = 32)),
    CONSTRAINT witnessed_size_known CHECK ((size >= 0))
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
    CONSTRAINT work_kind_known CHECK ((kind = ANY (ARRAY['scan'::text, 'judge'::text, 'advance'::text, 'announce'::text, 'hear'::text, 'tend'::text, 'notify'::text, 'sign'::text, 'vouch'::text, 'look'::text, 'erase'::text, 'measure'::text]))),
    CONSTRAINT work_lease_dated CHECK (((lease IS NULL) = (lease_until IS NULL)))
);

CREATE TABLE public.workspaces (
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    requires_totp boolean DEFAULT false NOT NULL,
    accent text,
    logo bytea,
    CONSTRAINT workspaces_accent_form CHECK ((accent ~ '^#[0-9a-f]{6}$'::text)),
    CONSTRAINT workspaces_name_given CHECK ((name <> ''::text))
);

ALTER TABLE ONLY public.absences
    ADD CONSTRAINT absences_pkey PRIMARY KEY (workspace_id, target_id, action, account);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (workspace_id, platform, instance, account);

ALTER TABLE ONLY public.actions
    ADD CONSTRAINT actions_pkey PRIMARY KEY (workspace_id, target_id, action, account, ref, seen_scan);

ALTER TABLE ONLY public.announcements
    ADD CONSTRAINT announcements_once UNIQUE (workspace_id, contest_id, kind, seq, target_id, number);

ALTER TABLE ONLY public.announcements
    ADD CONSTRAINT announcements_pkey PRIMARY KEY (workspace_id, id);

ALTER TABLE ONLY public.answered_comments
    ADD CONSTRAINT answered_comments_pkey PRIMARY KEY (workspace_id, target_id, account, ref);

ALTER TABLE ONLY public.appeals
    ADD CONSTRAINT appeals_pkey PRIMARY KEY (workspace_id, contest_id, id);

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (workspace_id, id);

ALTER TABLE ONLY public.beacon_rounds
    ADD CONSTRAINT beacon_rounds_pkey PRIMARY KEY (chain, round);

ALTER TABLE ONLY public.benches
    ADD CONSTRAINT benches_pkey PRIMARY KEY (workspace_id, contest_id);

ALTER TABLE ONLY public.channels
    ADD CONSTRAINT channels_pkey PRIMARY KEY (workspace_id, community_id);

ALTER TABLE ONLY public.checkpoints
    ADD CONSTRAINT checkpoints_pkey PRIMARY KEY (log, size);

ALTER TABLE ONLY public.claims
    ADD CONSTRAINT claims_pkey PRIMARY KEY (workspace_id, contest_id, commitment);

ALTER TABLE ONLY public.comment_bands
    ADD CONSTRAINT comment_bands_pkey PRIMARY KEY (workspace_id, contest_id, band, source_id);

ALTER TABLE ONLY public.comment_sketches
    ADD CONSTRAINT comment_sketches_pkey PRIMARY KEY (workspace_id, contest_id, target_id, account, ref);

ALTER TABLE ONLY public.comment_sources
    ADD CONSTRAINT comment_sources_pkey PRIMARY KEY (workspace_id, contest_id, id);

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

ALTER TABLE ONLY public.cosignatures
    ADD CONSTRAINT cosignatures_pkey PRIMARY KEY (log, size, witness);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_pkey PRIMARY KEY (workspace_id, contest_id, id);

ALTER TABLE ONLY public.disqualifications
    ADD CONSTRAINT disqualifications_pkey PRIMARY KEY (workspace_id, contest_id, id);

ALTER TABLE ONLY public.entrant_arrivals
    ADD CONSTRAINT entrant_arrivals_pkey PRIMARY KEY (workspace_id, contest_id, id);

ALTER TABLE ONLY public.entrant_signals
    ADD CONSTRAINT entrant_signals_pkey PRIMARY KEY (workspace_id, contest_id, entrant_id);

ALTER TABLE ONLY public.entrant_tallies
    ADD CONSTRAINT entrant_tallies_pkey PRIMARY KEY (workspace_id, contest_id, id);

ALTER TABLE ONLY public.entrants
    ADD CONSTRAINT entrants_pkey PRIMARY KEY (workspace_id, contest_id, id);

ALTER TABLE ONLY public.entrants
    ADD CONSTRAINT entrants_subject_once UNIQUE (workspace_id, contest_id, subject);

ALTER TABLE ONLY public.erasure_accounts
    ADD CONSTRAINT erasure_accounts_pkey PRIMARY KEY (workspace_id, erasure_id, platform, instance, account);

ALTER TABLE ONLY public.erasure_entries
    ADD CONSTRAINT erasure_entries_pkey PRIMARY KEY (workspace_id, erasure_id, contest_id, entrant_id);

ALTER TABLE ONLY public.erasures
    ADD CONSTRAINT erasures_contest_once UNIQUE (workspace_id, contest_id, cause);

ALTER TABLE ONLY public.erasures
    ADD CONSTRAINT erasures_pkey PRIMARY KEY (workspace_id, id);

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (workspace_id, contest_id, seq);

ALTER TABLE ONLY public.evidence_changes
    ADD CONSTRAINT evidence_changes_pkey PRIMARY KEY (workspace_id, id);

ALTER TABLE ONLY public.frozen_chunks
    ADD CONSTRAINT frozen_chunks_pkey PRIMARY KEY (workspace_id, contest_id, kind, seq);

ALTER TABLE ONLY public.heard_events
    ADD CONSTRAINT heard_events_once UNIQUE (workspace_id, community_id, event_id);

ALTER TABLE ONLY public.heard_events
    ADD CONSTRAINT heard_events_pkey PRIMARY KEY (workspace_id, community_id, id);

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (workspace_id, person_id, key);

ALTER TABLE ONLY public.imported_entries
    ADD CONSTRAINT imported_entries_pkey PRIMARY KEY (workspace_id, contest_id, id);

ALTER TABLE ONLY public.imports
    ADD CONSTRAINT imports_pkey PRIMARY KEY (workspace_id, contest_id, id);

ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT invitations_pkey PRIMARY KEY (workspace_id, id);

ALTER TABLE ONLY public.judgings
    ADD CONSTRAINT judgings_pkey PRIMARY KEY (workspace_id, contest_id, id);

ALTER TABLE ONLY public.links
    ADD CONSTRAINT links_pkey PRIMARY KEY (workspace_id, contest_id, id);

ALTER TABLE ONLY public.list_accounts
    ADD CONSTRAINT list_accounts_pkey PRIMARY KEY (workspace_id, list_id, platform, instance, account);

ALTER TABLE ONLY public.lists
    ADD CONSTRAINT lists_name_once UNIQUE (workspace_id, name);

ALTER TABLE ONLY public.lists
    ADD CONSTRAINT lists_pkey PRIMARY KEY (workspace_id, id);

ALTER TABLE ONLY public.log_hashes
    ADD CONSTRAINT log_hashes_pkey PRIMARY KEY (log, level, index);

ALTER TABLE ONLY public.log_heads
    ADD CONSTRAINT log_heads_pkey PRIMARY KEY (log);

ALTER TABLE ONLY public.log_leaves
    ADD CONSTRAINT log_leaves_event_once UNIQUE (workspace_id, contest_id, seq);

ALTER TABLE ONLY public.log_leaves
    ADD CONSTRAINT log_leaves_pkey PRIMARY KEY (log, index);

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_pkey PRIMARY KEY (workspace_id, person_id);

ALTER TABLE ONLY public.namings
    ADD CONSTRAINT namings_pkey PRIMARY KEY (workspace_id, contest_id, commitment, seq);

ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_once UNIQUE (workspace_id, contest_id, seq, platform, instance, account);

ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_pkey PRIMARY KEY (workspace_id, id);

ALTER TABLE ONLY public.openings
    ADD CONSTRAINT openings_commitment_once UNIQUE (workspace_id, contest_id, commitment);

ALTER TABLE ONLY public.openings
    ADD CONSTRAINT openings_pkey PRIMARY KEY (workspace_id, contest_id, entrant_id);

ALTER TABLE ONLY public.overnamed
    ADD CONSTRAINT overnamed_pkey PRIMARY KEY (workspace_id, contest_id, platform, instance, account);

ALTER TABLE ONLY public.override_proposals
    ADD CONSTRAINT override_proposals_pkey PRIMARY KEY (workspace_id, contest_id, id);

ALTER TABLE ONLY public.overrides
    ADD CONSTRAINT overrides_pkey PRIMARY KEY (workspace_id, contest_id, id);

ALTER TABLE ONLY public.ownerships
    ADD CONSTRAINT ownerships_pkey PRIMARY KEY (workspace_id, contest_id, id);

ALTER TABLE ONLY public.person_secrets
    ADD CONSTRAINT person_secrets_pkey PRIMARY KEY (person_id);

ALTER TABLE ONLY public.persons
    ADD CONSTRAINT persons_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pictures
    ADD CONSTRAINT pictures_pkey PRIMARY KEY (workspace_id, digest);

ALTER TABLE ONLY public.promises
    ADD CONSTRAINT promises_pkey PRIMARY KEY (workspace_id, contest_id, entrant_id, number);

ALTER TABLE ONLY public.quarantines
    ADD CONSTRAINT quarantines_pkey PRIMARY KEY (workspace_id, contest_id, id);

ALTER TABLE ONLY public.quizzes
    ADD CONSTRAINT quizzes_pkey PRIMARY KEY (workspace_id, contest_id, quiz);

ALTER TABLE ONLY public.record_pieces
    ADD CONSTRAINT record_pieces_pkey PRIMARY KEY (workspace_id, contest_id, name);

ALTER TABLE ONLY public.recovery_codes
    ADD CONSTRAINT recovery_codes_pkey PRIMARY KEY (person_id, digest);

ALTER TABLE ONLY public.scan_pages
    ADD CONSTRAINT scan_pages_pkey PRIMARY KEY (workspace_id, scan_id, seq);

ALTER TABLE ONLY public.scans
    ADD CONSTRAINT scans_pkey PRIMARY KEY (workspace_id, id);

ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (person_id, id);

ALTER TABLE ONLY public.sign_in_links
    ADD CONSTRAINT sign_in_links_pkey PRIMARY KEY (digest);

ALTER TABLE ONLY public.sign_ins
    ADD CONSTRAINT sign_ins_pkey PRIMARY KEY (state);

ALTER TABLE ONLY public.signal_runs
    ADD CONSTRAINT signal_runs_pkey PRIMARY KEY (workspace_id, contest_id);

ALTER TABLE ONLY public.signal_settings
    ADD CONSTRAINT signal_settings_pkey PRIMARY KEY (workspace_id);

ALTER TABLE ONLY public.staff
    ADD CONSTRAINT staff_pkey PRIMARY KEY (workspace_id, community_id);

ALTER TABLE ONLY public.targets
    ADD CONSTRAINT targets_once UNIQUE (workspace_id, platform, instance, kind, ref, pin);

ALTER TABLE ONLY public.targets
    ADD CONSTRAINT targets_pkey PRIMARY KEY (workspace_id, id);

ALTER TABLE ONLY public.templates
    ADD CONSTRAINT templates_name_once UNIQUE (workspace_id, name);

ALTER TABLE ONLY public.templates
    ADD CONSTRAINT templates_pkey PRIMARY KEY (workspace_id, id);

ALTER TABLE ONLY public.terms
    ADD CONSTRAINT terms_pkey PRIMARY KEY (workspace_id, contest_id, version);

ALTER TABLE ONLY public.timestamps
    ADD CONSTRAINT timestamps_pkey PRIMARY KEY (log, size, authority);

ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT tokens_pkey PRIMARY KEY (workspace_id, id);

ALTER TABLE ONLY public.tours
    ADD CONSTRAINT tours_pkey PRIMARY KEY (person_id);

ALTER TABLE ONLY public.verdict_changes
    ADD CONSTRAINT verdict_changes_pkey PRIMARY KEY (workspace_id, contest_id, entrant_id, id);

ALTER TABLE ONLY public.verifiers
    ADD CONSTRAINT verifiers_pkey PRIMARY KEY (sha256);

ALTER TABLE ONLY public.versions
    ADD CONSTRAINT versions_pkey PRIMARY KEY (workspace_id, contest_id, version);

ALTER TABLE ONLY public.watches
    ADD CONSTRAINT watches_once UNIQUE (workspace_id, target_id, action);

ALTER TABLE ONLY public.watches
    ADD CONSTRAINT watches_pkey PRIMARY KEY (workspace_id, id);

ALTER TABLE ONLY public.witnessed
    ADD CONSTRAINT witnessed_pkey PRIMARY KEY (origin);

ALTER TABLE ONLY public.work
    ADD CONSTRAINT work_once UNIQUE (workspace_id, kind, subject);

ALTER TABLE ONLY public.work
    ADD CONSTRAINT work_pkey PRIMARY KEY (workspace_id, id);

ALTER TABLE ONLY public.workspaces
    ADD CONSTRAINT workspaces_pkey PRIMARY KEY (id);

CREATE INDEX accounts_by_handle ON public.accounts USING btree (workspace_id, lower(handle));

CREATE INDEX actions_asking ON public.actions USING btree (workspace_id, target_id, COALESCE(at, seen_at), account, ref) WHERE ((action = 'comment'::text) AND (gone_at IS NULL) AND public.asks_something(text));

CREATE INDEX actions_hidden ON public.actions USING btree (workspace_id, target_id, action) WHERE (gone_why = 'hidden'::text);

CREATE INDEX appeals_by_state ON public.appeals USING btree (workspace_id, contest_id, state, id);

CREATE INDEX appeals_of_entrant ON public.appeals USING btree (workspace_id, contest_id, entrant_id, id);

CREATE UNIQUE INDEX appeals_open_once ON public.appeals USING btree (workspace_id, contest_id, entrant_id) WHERE (state = 'open'::text);

CREATE INDEX audit_log_of_bundles ON public.audit_log USING btree (workspace_id, subject, id) WHERE (action = 'contest.bundle_downloaded'::text);

CREATE INDEX audit_log_of_kind ON public.audit_log USING btree (workspace_id, split_part(action, '.'::text, 1), id);

CREATE INDEX audit_log_of_person ON public.audit_log USING btree (workspace_id, person_id, id);

CREATE INDEX audit_log_of_subject ON public.audit_log USING btree (workspace_id, subject, id);

CREATE UNIQUE INDEX channels_path_once ON public.channels USING btree (path);

CREATE INDEX comment_sketches_of_account ON public.comment_sketches USING btree (workspace_id, target_id, account);

CREATE INDEX comment_sketches_of_source ON public.comment_sketches USING btree (workspace_id, contest_id, source_id, account) WHERE (source_id IS NOT NULL);

CREATE INDEX comment_sources_of_account ON public.comment_sources USING btree (workspace_id, target_id, account);

CREATE INDEX comment_sources_of_many ON public.comment_sources USING btree (workspace_id, contest_id, writers) WHERE (writers > 1);

CREATE UNIQUE INDEX communities_account_once ON public.communities USING btree (workspace_id, platform, instance, account) WHERE (removed_at IS NULL);

CREATE INDEX communities_ending ON public.communities USING btree (credential_ends_at) WHERE ((removed_at IS NULL) AND (credential_ends_at IS NOT NULL));

CREATE INDEX contest_evidence_of_target ON public.contest_evidence USING btree (workspace_id, target_id, action);

CREATE INDEX contest_posts_of_target ON public.contest_posts USING btree (workspace_id, target_id);

CREATE INDEX contests_by_status ON public.contests USING btree (workspace_id, status, id);

CREATE INDEX contests_ended ON public.contests USING btree (updated_at) WHERE (status = ANY (ARRAY['completed'::text, 'cancelled'::text, 'void'::text]));

CREATE INDEX contests_public ON public.contests USING btree (workspace_id, practice, id) WHERE (terms_version > 0);

CREATE INDEX cosignatures_of_witness ON public.cosignatures USING btree (log, witness, size);

CREATE UNIQUE INDEX deliveries_once ON public.deliveries USING btree (workspace_id, contest_id, commitment) WHERE (undone_at IS NULL);

CREATE UNIQUE INDEX disqualifications_open_once ON public.disqualifications USING btree (workspace_id, contest_id, commitment) WHERE (state = ANY (ARRAY['proposed'::text, 'approved'::text]));

CREATE INDEX entrant_signals_by_score ON public.entrant_signals USING btree (workspace_id, contest_id, score, entrant_id);

CREATE INDEX entrants_by_kind ON public.entrants USING btree (workspace_id, contest_id, kind, id);

CREATE INDEX entrants_by_label ON public.entrants USING btree (workspace_id, contest_id, label text_pattern_ops, id);

CREATE INDEX entrants_merged ON public.entrants USING btree (workspace_id, contest_id, entry_id) WHERE (entry_id IS NOT NULL);

CREATE UNIQUE INDEX events_one_of_a_kind ON public.events USING btree (workspace_id, contest_id, type) WHERE (type = ANY (ARRAY['rules'::text, 'freeze'::text, 'result'::text, 'void'::text, 'close'::text]));

CREATE INDEX events_taking_out ON public.events USING btree (workspace_id) WHERE (type = 'dq'::text);

CREATE INDEX evidence_changes_by_transaction ON public.evidence_changes USING btree (workspace_id, xid);

CREATE INDEX heard_events_by_age ON public.heard_events USING btree (heard_at);

CREATE INDEX heard_events_due ON public.heard_events USING btree (workspace_id, community_id, id) WHERE (merged_at IS NULL);

CREATE INDEX idempotency_keys_by_age ON public.idempotency_keys USING btree (created_at);

CREATE INDEX imported_entries_due ON public.imported_entries USING btree (workspace_id, contest_id, id) WHERE due;

CREATE INDEX imported_entries_of_import ON public.imported_entries USING btree (workspace_id, contest_id, import_id, id);

CREATE UNIQUE INDEX imported_entries_reference_once ON public.imported_entries USING btree (workspace_id, contest_id, reference) WHERE (undone_at IS NULL);

CREATE INDEX invitations_by_end ON public.invitations USING btree (ends_at);

CREATE UNIQUE INDEX invitations_digest_once ON public.invitations USING btree (digest);

CREATE INDEX judgings_by_end ON public.judgings USING btree (workspace_id, contest_id, finished_at);

CREATE UNIQUE INDEX links_account_once ON public.links USING btree (workspace_id, contest_id, platform, instance, account) WHERE (parted_at IS NULL);

CREATE INDEX links_of_entry ON public.links USING btree (workspace_id, contest_id, into_id) WHERE (parted_at IS NULL);

CREATE UNIQUE INDEX links_standing_once ON public.links USING btree (workspace_id, contest_id, entrant_id) WHERE (parted_at IS NULL);

CREATE INDEX list_accounts_by_end ON public.list_accounts USING btree (workspace_id, expires_at) WHERE ((expires_at IS NOT NULL) AND (lapsed_at IS NULL));

CREATE INDEX list_accounts_of_account ON public.list_accounts USING btree (workspace_id, platform, instance, account);

CREATE INDEX memberships_of_person ON public.memberships USING btree (person_id);

CREATE INDEX notices_due_of_target ON public.notices USING btree (workspace_id, target_id) WHERE (state = 'due'::text);

CREATE INDEX notices_of_contest ON public.notices USING btree (workspace_id, contest_id, id);

CREATE INDEX notices_untold ON public.notices USING btree (workspace_id, contest_id, state) WHERE (state <> 'told'::text);

CREATE UNIQUE INDEX override_proposals_coverage_once ON public.override_proposals USING btree (workspace_id, contest_id) WHERE ((kind = 'coverage'::text) AND (state = 'proposed'::text));

CREATE UNIQUE INDEX override_proposals_once ON public.override_proposals USING btree (workspace_id, contest_id, entrant_id) WHERE (state = ANY (ARRAY['proposed'::text, 'effective'::text]));

CREATE INDEX override_proposals_open ON public.override_proposals USING btree (workspace_id, contest_id, state, id) WHERE (state = ANY (ARRAY['proposed'::text, 'effective'::text]));

CREATE INDEX ownerships_by_end ON public.ownerships USING btree (expires_at);

CREATE INDEX ownerships_waiting ON public.ownerships USING btree (workspace_id, platform, instance, account) WHERE (shown_at IS NULL);

CREATE UNIQUE INDEX persons_email_once ON public.persons USING btree (lower(email));

CREATE INDEX pictures_by_digest ON public.pictures USING btree (digest);

CREATE INDEX quarantines_of_batch ON public.quarantines USING btree (workspace_id, contest_id, batch);

CREATE INDEX quarantines_of_entrant ON public.quarantines USING btree (workspace_id, contest_id, entrant_id);

CREATE UNIQUE INDEX quarantines_once ON public.quarantines USING btree (workspace_id, contest_id, entrant_id) WHERE (released_at IS NULL);

CREATE INDEX scan_staging_of_scan ON public.scan_staging USING btree (workspace_id, scan_id);

CREATE INDEX scans_of_watch ON public.scans USING btree (workspace_id, watch_id, id);

CREATE UNIQUE INDEX scans_one_running ON public.scans USING btree (workspace_id, watch_id) WHERE (state = 'running'::text);

CREATE INDEX sessions_by_end ON public.sessions USING btree (ends_at);

CREATE UNIQUE INDEX sessions_digest_once ON public.sessions USING btree (digest);

CREATE INDEX sign_in_links_by_end ON public.sign_in_links USING btree (ends_at);

CREATE INDEX sign_in_links_of_person ON public.sign_in_links USING btree (person_id);

CREATE INDEX sign_ins_by_age ON public.sign_ins USING btree (created_at);

CREATE INDEX targets_of_community ON public.targets USING btree (workspace_id, community_id);

CREATE INDEX timestamps_of_authority ON public.timestamps USING btree (log, authority, size);

CREATE UNIQUE INDEX tokens_digest_once ON public.tokens USING btree (digest);

CREATE INDEX verdict_changes_by_time ON public.verdict_changes USING btree (workspace_id, contest_id, at, id);

CREATE INDEX work_due ON public.work USING btree (due_at);

CREATE INDEX work_leased ON public.work USING btree (lease_until) WHERE (lease IS NOT NULL);

CREATE TRIGGER announcements_ping AFTER INSERT OR UPDATE OF state ON public.announcements FOR EACH ROW EXECUTE FUNCTION public.ping_contest();

CREATE TRIGGER appeals_ping AFTER INSERT OR UPDATE OF state ON public.appeals FOR EACH ROW EXECUTE FUNCTION public.ping_contest();

CREATE TRIGGER audit_log_is_append_only BEFORE DELETE OR UPDATE ON public.audit_log FOR EACH ROW EXECUTE FUNCTION public.refuse_change_but_erasure();

CREATE TRIGGER beacon_rounds_are_written_once BEFORE DELETE OR UPDATE ON public.beacon_rounds FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER checkpoints_are_written_once BEFORE DELETE OR UPDATE ON public.checkpoints FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER claims_are_written_once BEFORE DELETE OR UPDATE ON public.claims FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER claims_ping AFTER INSERT ON public.claims FOR EACH ROW EXECUTE FUNCTION public.ping_contest();

CREATE TRIGGER contests_ping AFTER UPDATE ON public.contests FOR EACH ROW WHEN ((((((((((old.status IS DISTINCT FROM new.status) OR (old.terms_version IS DISTINCT FROM new.terms_version)) OR (old.obstacle IS DISTINCT FROM new.obstacle)) OR (old.judged_at IS DISTINCT FROM new.judged_at)) OR (old.closing_judged_at IS DISTINCT FROM new.closing_judged_at)) OR (old.opens_at IS DISTINCT FROM new.opens_at)) OR (old.closes_at IS DISTINCT FROM new.closes_at)) OR (old.freeze_at IS DISTINCT FROM new.freeze_at)) OR (old.draw_at IS DISTINCT FROM new.draw_at))) EXECUTE FUNCTION public.ping_own_contest();

CREATE TRIGGER contests_practice_is_fixed BEFORE UPDATE ON public.contests FOR EACH ROW EXECUTE FUNCTION public.keep_practice();

CREATE TRIGGER cosignatures_are_written_once BEFORE DELETE OR UPDATE ON public.cosignatures FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER deliveries_ping AFTER INSERT OR UPDATE ON public.deliveries FOR EACH ROW EXECUTE FUNCTION public.ping_contest();

CREATE TRIGGER disqualifications_are_decided_once BEFORE UPDATE ON public.disqualifications FOR EACH ROW WHEN (((old.state = ANY (ARRAY['effective'::text, 'withdrawn'::text, 'overtaken'::text])) OR ((((((old.entry IS DISTINCT FROM new.entry) OR (old.commitment IS DISTINCT FROM new.commitment)) OR (old.reason IS DISTINCT FROM new.reason)) OR (old.proposed_by IS DISTINCT FROM new.proposed_by)) OR (old.proposed_at IS DISTINCT FROM new.proposed_at)) OR (old.due_at IS DISTINCT FROM new.due_at)))) EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER disqualifications_are_kept BEFORE DELETE ON public.disqualifications FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER disqualifications_ping AFTER INSERT OR UPDATE OF state ON public.disqualifications FOR EACH ROW EXECUTE FUNCTION public.ping_contest();

CREATE TRIGGER entrants_keep_their_history AFTER UPDATE ON public.entrants FOR EACH ROW WHEN ((((old.state IS DISTINCT FROM new.state) OR (old.reason IS DISTINCT FROM new.reason)) OR (old.tickets IS DISTINCT FROM new.tickets))) EXECUTE FUNCTION public.keep_verdict_change();

CREATE TRIGGER events_are_written_once BEFORE DELETE OR UPDATE ON public.events FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER events_ping AFTER INSERT ON public.events FOR EACH ROW EXECUTE FUNCTION public.ping_contest();

CREATE TRIGGER frozen_chunks_are_written_once BEFORE DELETE OR UPDATE ON public.frozen_chunks FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER log_hashes_are_written_once BEFORE DELETE OR UPDATE ON public.log_hashes FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER log_leaves_are_written_once BEFORE DELETE OR UPDATE ON public.log_leaves FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER namings_are_written_once BEFORE DELETE OR UPDATE ON public.namings FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER notices_ping AFTER INSERT OR UPDATE OF state ON public.notices FOR EACH ROW EXECUTE FUNCTION public.ping_contest();

CREATE TRIGGER override_proposals_are_ended_once BEFORE UPDATE ON public.override_proposals FOR EACH ROW WHEN ((((old.state = ANY (ARRAY['withdrawn'::text, 'lapsed'::text])) AND ((to_jsonb(old.*) - 'note'::text) IS DISTINCT FROM (to_jsonb(new.*) - 'note'::text))) OR ((((((((old.kind IS DISTINCT FROM new.kind) OR (old.entrant_id IS DISTINCT FROM new.entrant_id)) OR (old."least" IS DISTINCT FROM new."least")) OR (old.reason IS DISTINCT FROM new.reason)) OR (old.proposed_by IS DISTINCT FROM new.proposed_by)) OR (old.proposed_role IS DISTINCT FROM new.proposed_role)) OR (old.proposed_at IS DISTINCT FROM new.proposed_at)) OR (old.due_at IS DISTINCT FROM new.due_at)))) EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER override_proposals_are_kept BEFORE DELETE ON public.override_proposals FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER overrides_are_written_once BEFORE DELETE OR UPDATE ON public.overrides FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER promises_are_written_once BEFORE DELETE OR UPDATE ON public.promises FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER quizzes_keep_promises BEFORE DELETE OR UPDATE ON public.quizzes FOR EACH ROW EXECUTE FUNCTION public.keep_promised_quiz();

CREATE TRIGGER scans_begin_with_a_ping AFTER INSERT ON public.scans FOR EACH ROW EXECUTE FUNCTION public.ping_contests_of_watch();

CREATE TRIGGER scans_ping AFTER UPDATE ON public.scans FOR EACH ROW WHEN ((old.state IS DISTINCT FROM new.state)) EXECUTE FUNCTION public.ping_contests_of_watch();

CREATE TRIGGER terms_are_written_once BEFORE DELETE OR UPDATE ON public.terms FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER timestamps_are_written_once BEFORE DELETE OR UPDATE ON public.timestamps FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER verdict_changes_are_written_once BEFORE DELETE OR UPDATE ON public.verdict_changes FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER verifiers_are_written_once BEFORE DELETE OR UPDATE ON public.verifiers FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER versions_are_written_once BEFORE DELETE OR UPDATE ON public.versions FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

ALTER TABLE ONLY public.announcements
    ADD CONSTRAINT announcements_contest FOREIGN KEY (workspace_id, contest_id) REFERENCES public.contests(workspace_id, id);

ALTER TABLE ONLY public.announcements
    ADD CONSTRAINT announcements_target FOREIGN KEY (workspace_id, target_id) REFERENCES public.targets(workspace_id, id);

ALTER TABLE ONLY public.answered_comments
    ADD CONSTRAINT answered_comments_target FOREIGN KEY (workspace_id, target_id) REFERENCES public.targets(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.appeals
    ADD CONSTRAINT appeals_contest FOREIGN KEY (workspace_id, contest_id) REFERENCES public.contests(workspace_id, id);

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id);

ALTER TABLE ONLY public.benches
    ADD CONSTRAINT benches_contest FOREIGN KEY (workspace_id, contest_id) REFERENCES public.contests(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.channels
    ADD CONSTRAINT channels_community FOREIGN KEY (workspace_id, community_id) REFERENCES public.communities(workspace_id, id);

ALTER TABLE ONLY public.checkpoints
    ADD CONSTRAINT checkpoints_log FOREIGN KEY (log) REFERENCES public.log_heads(log);

ALTER TABLE ONLY public.claims
    ADD CONSTRAINT claims_contest FOREIGN KEY (workspace_id, contest_id) REFERENCES public.contests(workspace_id, id);

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

ALTER TABLE ONLY public.cosignatures
    ADD CONSTRAINT cosignatures_checkpoint FOREIGN KEY (log, size) REFERENCES public.checkpoints(log, size);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_contest FOREIGN KEY (workspace_id, contest_id) REFERENCES public.contests(workspace_id, id);

ALTER TABLE ONLY public.disqualifications
    ADD CONSTRAINT disqualifications_contest FOREIGN KEY (workspace_id, contest_id) REFERENCES public.contests(workspace_id, id);

ALTER TABLE ONLY public.disqualifications
    ADD CONSTRAINT disqualifications_event FOREIGN KEY (workspace_id, contest_id, seq) REFERENCES public.events(workspace_id, contest_id, seq);

ALTER TABLE ONLY public.entrant_arrivals
    ADD CONSTRAINT entrant_arrivals_contest FOREIGN KEY (workspace_id, contest_id) REFERENCES public.contests(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.entrant_tallies
    ADD CONSTRAINT entrant_tallies_contest FOREIGN KEY (workspace_id, contest_id) REFERENCES public.contests(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.erasure_accounts
    ADD CONSTRAINT erasure_accounts_erasure FOREIGN KEY (workspace_id, erasure_id) REFERENCES public.erasures(workspace_id, id);

ALTER TABLE ONLY public.erasure_entries
    ADD CONSTRAINT erasure_entries_erasure FOREIGN KEY (workspace_id, erasure_id) REFERENCES public.erasures(workspace_id, id);

ALTER TABLE ONLY public.erasures
    ADD CONSTRAINT erasures_contest FOREIGN KEY (workspace_id, contest_id) REFERENCES public.contests(workspace_id, id);

ALTER TABLE ONLY public.erasures
    ADD CONSTRAINT erasures_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id);

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_contest FOREIGN KEY (workspace_id, contest_id) REFERENCES public.contests(workspace_id, id);

ALTER TABLE ONLY public.frozen_chunks
    ADD CONSTRAINT frozen_chunks_contest FOREIGN KEY (workspace_id, contest_id) REFERENCES public.contests(workspace_id, id);

ALTER TABLE ONLY public.heard_events
    ADD CONSTRAINT heard_events_channel FOREIGN KEY (workspace_id, community_id) REFERENCES public.channels(workspace_id, community_id);

ALTER TABLE ONLY public.imported_entries
    ADD CONSTRAINT imported_entries_import FOREIGN KEY (workspace_id, contest_id, import_id) REFERENCES public.imports(workspace_id, contest_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.imports
    ADD CONSTRAINT imports_contest FOREIGN KEY (workspace_id, contest_id) REFERENCES public.contests(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT invitations_by FOREIGN KEY (workspace_id, invited_by) REFERENCES public.memberships(workspace_id, person_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.judgings
    ADD CONSTRAINT judgings_contest FOREIGN KEY (workspace_id, contest_id) REFERENCES public.contests(workspace_id, id);

ALTER TABLE ONLY public.links
    ADD CONSTRAINT links_contest FOREIGN KEY (workspace_id, contest_id) REFERENCES public.contests(workspace_id, id);

ALTER TABLE ONLY public.list_accounts
    ADD CONSTRAINT list_accounts_list FOREIGN KEY (workspace_id, list_id) REFERENCES public.lists(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.lists
    ADD CONSTRAINT lists_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id);

ALTER TABLE ONLY public.log_hashes
    ADD CONSTRAINT log_hashes_log FOREIGN KEY (log) REFERENCES public.log_heads(log);

ALTER TABLE ONLY public.log_leaves
    ADD CONSTRAINT log_leaves_event FOREIGN KEY (workspace_id, contest_id, seq) REFERENCES public.events(workspace_id, contest_id, seq);

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_person FOREIGN KEY (person_id) REFERENCES public.persons(id);

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id);

ALTER TABLE ONLY public.namings
    ADD CONSTRAINT namings_event FOREIGN KEY (workspace_id, contest_id, seq) REFERENCES public.events(workspace_id, contest_id, seq);

ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_contest FOREIGN KEY (workspace_id, contest_id) REFERENCES public.contests(workspace_id, id);

ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_target FOREIGN KEY (workspace_id, target_id) REFERENCES public.targets(workspace_id, id);

ALTER TABLE ONLY public.overnamed
    ADD CONSTRAINT overnamed_contest FOREIGN KEY (workspace_id, contest_id) REFERENCES public.contests(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.override_proposals
    ADD CONSTRAINT override_proposals_contest FOREIGN KEY (workspace_id, contest_id) REFERENCES public.contests(workspace_id, id);

ALTER TABLE ONLY public.overrides
    ADD CONSTRAINT overrides_contest FOREIGN KEY (workspace_id, contest_id) REFERENCES public.contests(workspace_id, id);

ALTER TABLE ONLY public.ownerships
    ADD CONSTRAINT ownerships_contest FOREIGN KEY (workspace_id, contest_id) REFERENCES public.contests(workspace_id, id);

ALTER TABLE ONLY public.person_secrets
    ADD CONSTRAINT person_secrets_person FOREIGN KEY (person_id) REFERENCES public.persons(id);

ALTER TABLE ONLY public.persons
    ADD CONSTRAINT persons_email_given_by FOREIGN KEY (email_given_by) REFERENCES public.persons(id);

ALTER TABLE ONLY public.pictures
    ADD CONSTRAINT pictures_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id);

ALTER TABLE ONLY public.quarantines
    ADD CONSTRAINT quarantines_entrant FOREIGN KEY (workspace_id, contest_id, entrant_id) REFERENCES public.entrants(workspace_id, contest_id, id);

ALTER TABLE ONLY public.quizzes
    ADD CONSTRAINT quizzes_contest FOREIGN KEY (workspace_id, contest_id) REFERENCES public.contests(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.record_pieces
    ADD CONSTRAINT record_pieces_contest FOREIGN KEY (workspace_id, contest_id) REFERENCES public.contests(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.recovery_codes
    ADD CONSTRAINT recovery_codes_person FOREIGN KEY (person_id) REFERENCES public.persons(id);

ALTER TABLE ONLY public.scan_pages
    ADD CONSTRAINT scan_pages_scan FOREIGN KEY (workspace_id, scan_id) REFERENCES public.scans(workspace_id, id);

ALTER TABLE ONLY public.scans
    ADD CONSTRAINT scans_watch FOREIGN KEY (workspace_id, watch_id) REFERENCES public.watches(workspace_id, id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_person FOREIGN KEY (person_id) REFERENCES public.persons(id);

ALTER TABLE ONLY public.sign_in_links
    ADD CONSTRAINT sign_in_links_person FOREIGN KEY (person_id) REFERENCES public.persons(id);

ALTER TABLE ONLY public.sign_ins
    ADD CONSTRAINT sign_ins_community FOREIGN KEY (workspace_id, community_id) REFERENCES public.communities(workspace_id, id);

ALTER TABLE ONLY public.sign_ins
    ADD CONSTRAINT sign_ins_person FOREIGN KEY (person_id) REFERENCES public.persons(id);

ALTER TABLE ONLY public.signal_runs
    ADD CONSTRAINT signal_runs_contest FOREIGN KEY (workspace_id, contest_id) REFERENCES public.contests(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.signal_settings
    ADD CONSTRAINT signal_settings_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id);

ALTER TABLE ONLY public.staff
    ADD CONSTRAINT staff_community FOREIGN KEY (workspace_id, community_id) REFERENCES public.communities(workspace_id, id);

ALTER TABLE ONLY public.targets
    ADD CONSTRAINT targets_community FOREIGN KEY (workspace_id, community_id) REFERENCES public.communities(workspace_id, id);

ALTER TABLE ONLY public.templates
    ADD CONSTRAINT templates_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id);

ALTER TABLE ONLY public.terms
    ADD CONSTRAINT terms_contest FOREIGN KEY (workspace_id, contest_id) REFERENCES public.contests(workspace_id, id);

ALTER TABLE ONLY public.timestamps
    ADD CONSTRAINT timestamps_checkpoint FOREIGN KEY (log, size) REFERENCES public.checkpoints(log, size);

ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT tokens_membership FOREIGN KEY (workspace_id, person_id) REFERENCES public.memberships(workspace_id, person_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.tours
    ADD CONSTRAINT tours_person FOREIGN KEY (person_id) REFERENCES public.persons(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.versions
    ADD CONSTRAINT versions_terms FOREIGN KEY (workspace_id, contest_id, version) REFERENCES public.terms(workspace_id, contest_id, version);

ALTER TABLE ONLY public.watches
    ADD CONSTRAINT watches_target FOREIGN KEY (workspace_id, target_id) REFERENCES public.targets(workspace_id, id);

ALTER TABLE ONLY public.work
    ADD CONSTRAINT work_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id);

ALTER TABLE ONLY public.workspaces
    ADD CONSTRAINT workspaces_logo FOREIGN KEY (id, logo) REFERENCES public.pictures(workspace_id, digest);
