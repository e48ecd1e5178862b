-- A database as it is after a busy year: 400 workspaces with 6,000 contests, of which the first
-- workspace owns every third, and one that has been idle since owns the 600 oldest. 16 contests are
-- lively, two in each of eight workspaces: the very first has 6,000 people, every other one 1,000.
-- Triggers rest meanwhile, foreign keys too: what is written here fits together.

SET session_replication_role = replica;
SET synchronous_commit = off;

-- People ------------------------------------------------------------------------------------------

INSERT INTO workspaces (name) SELECT 'workspace ' || n FROM generate_series(1, 400) n;
CREATE TEMP TABLE spaces AS SELECT row_number() OVER (ORDER BY id) AS n, id FROM workspaces;

INSERT INTO persons (name, email)
SELECT 'person ' || n, 'person' || n || '@mail.test' FROM generate_series(1, 2000) n;
CREATE TEMP TABLE somebody AS SELECT row_number() OVER (ORDER BY id) AS n, id FROM persons;

-- 600 people work in the first workspace; one person works in 100 workspaces.
INSERT INTO memberships (workspace_id, person_id, role)
SELECT s.id, p.id, CASE p.n % 10 WHEN 0 THEN 'owner' ELSE 'editor' END
FROM somebody p JOIN spaces s ON s.n = CASE WHEN p.n <= 600 THEN 1 ELSE 2 + p.n % 399 END
UNION ALL SELECT s.id, p.id, 'auditor' FROM somebody p JOIN spaces s ON s.n BETWEEN 2 AND 100
WHERE p.n = 1;
INSERT INTO tokens (workspace_id, person_id, name, role, digest, issued_by)
SELECT m.workspace_id, m.person_id, 'token', m.role,
    sha256(convert_to(format('%s %s %s', m.workspace_id, m.person_id, n), 'UTF8')), m.person_id
FROM memberships m, generate_series(1, 3) n;

INSERT INTO audit_log (workspace_id, at, person_id, action, subject, detail, request_id)
SELECT s.id, now() - g * interval '1 minute', p.id, 'contest.amended',
    md5((CASE WHEN g % 15 = 0 THEN 0 ELSE g % 700 END)::text)::uuid, '{"what": "the prize"}',
    'request ' || g
FROM generate_series(15000, 1, -1) g
JOIN spaces s ON s.n = CASE g % 3 WHEN 0 THEN 1 ELSE 1 + g % 400 END
JOIN somebody p ON p.n = 1 + g % 500;
INSERT INTO idempotency_keys (workspace_id, person_id, key, request_digest, status, reply,
    created_at)
SELECT s.id, p.id, 'key ' || g, sha256(int4send(g)), 201, '{}', now() - g * interval '10 seconds'
FROM generate_series(1, 10000) g JOIN spaces s ON s.n = 1 + g % 400
JOIN somebody p ON p.n = 1 + g % 500;

-- Everybody has a password and three sessions, every second person a second factor.
INSERT INTO person_secrets (person_id, password, password_at, totp, totp_at)
SELECT id, 'hash', now(), CASE WHEN n % 2 = 0 THEN 'sealed'::bytea END,
    CASE WHEN n % 2 = 0 THEN now() END
FROM somebody;
INSERT INTO sessions
    (person_id, digest, waits_for_code, created_at, used_at, ends_at, address, agent)
SELECT p.id, sha256(convert_to(format('session %s %s', p.id, g), 'UTF8')), false, now(), now(),
    now() + interval '30 days', '203.0.113.0/24', 'Firefox'
FROM somebody p, generate_series(1, 3) g;
INSERT INTO invitations (workspace_id, digest, role, invited_by, created_at, ends_at)
SELECT s.id, sha256(convert_to('invitation ' || g, 'UTF8')), 'editor', p.id, now(),
    now() + interval '7 days'
FROM generate_series(1, 2000) g JOIN spaces s ON s.n = 1 + g % 400
JOIN somebody p ON p.n = CASE g % 400 WHEN 0 THEN 10 ELSE 11 END;

INSERT INTO pictures (workspace_id, digest, media_type, width, height, bytes, created_at)
SELECT s.id, sha256(convert_to('picture ' || g, 'UTF8')), 'image/webp', 64, 48, 'bytes', now()
FROM generate_series(1, 4000) g JOIN spaces s ON s.n = 1 + g % 400;

-- Communities, targets, contests ------------------------------------------------------------------

INSERT INTO communities (workspace_id, platform, instance, account, handle, name, endpoints,
    credential, removed_at)
SELECT s.id, 'bluesky', 'bsky.social', 'did:plc:shop' || g, 'shop' || g, 'Shop ' || g, '{}',
    'sealed', CASE g % 10 WHEN 9 THEN now() END
FROM generate_series(1, 1600) g
JOIN spaces s ON s.n = CASE g % 4 WHEN 0 THEN 1 ELSE 1 + g % 400 END;
INSERT INTO targets (workspace_id, community_id, platform, instance, kind, ref, pin, author, url)
SELECT c.workspace_id, c.id, c.platform, c.instance,
    CASE n WHEN 0 THEN 'community' ELSE 'post' END, c.account || '/' || n, '', c.account, ''
FROM communities c, generate_series(0, 4) n;
CREATE TEMP TABLE watched AS
SELECT row_number() OVER (PARTITION BY workspace_id, kind ORDER BY id) AS n,
    count(*) OVER (PARTITION BY workspace_id, kind) AS of, workspace_id, kind, id
FROM targets;
ANALYZE watched;

-- The lively ones are neither the oldest nor the newest.
CREATE TEMP TABLE planned AS
SELECT g AS n, s.id AS workspace_id, g BETWEEN 3001 AND 3016 AS is_lively,
    CASE WHEN g BETWEEN 3001 AND 3016 THEN 'running'
        ELSE (ARRAY['completed', 'cancelled', 'void', 'draft', 'running', 'closing', 'drawn',
            'scheduled'])[greatest(1, g * 7 % 20 - 11)] END AS status,
    now() - interval '300 days' + g * interval '1 hour' AS opens_at
FROM generate_series(1, 6016) g JOIN spaces s ON s.n = CASE
    WHEN g <= 600 THEN 400 WHEN g BETWEEN 3001 AND 3016 THEN 1 + (g - 3001) / 2
    WHEN g % 3 = 0 THEN 1 ELSE 1 + g % 300 END;
INSERT INTO contests (workspace_id, practice, status, definition, title, opens_at, closes_at,
    freeze_at, draw_at)
SELECT workspace_id, false, status, '{"title": "A mug", "organiser": "The pottery",
    "schedule": {"opens_at": "2026-01-05T12:00:00Z", "closes_at": "2026-01-10T12:00:00Z",
        "draw_at": "2026-01-11T12:00:00Z", "min_lead": 3600},
    "rules": {"kind": "all_of", "of": [{"kind": "liked"}, {"kind": "follows"}]},
    "draws": [{"tiers": [{"id": "mug", "prize": "A mug", "winners": 1}]}],
    "recheck_winners": true}', 'Contest ' || n, opens_at, opens_at + interval '5 days',
    opens_at + interval '5 days', opens_at + interval '6 days'
FROM planned ORDER BY n;
CREATE TEMP TABLE numbered AS
SELECT p.n, p.is_lively, c.* FROM planned p JOIN contests c ON c.title = 'Contest ' || p.n;
ANALYZE numbered;

INSERT INTO contest_posts (workspace_id, contest_id, target_id, position)
SELECT c.workspace_id, c.id, t.id, 0 FROM numbered c JOIN watched t
    ON t.workspace_id = c.workspace_id AND t.kind = 'post' AND t.n = 1 + c.n % t.of
WHERE NOT c.is_lively;
INSERT INTO contest_evidence (workspace_id, contest_id, target_id, action)
SELECT p.workspace_id, p.contest_id, p.target_id, a
FROM contest_posts p, unnest(ARRAY['like', 'comment']) a;

CREATE TEMP TABLE lively AS
SELECT c.n - 3000 AS n, c.workspace_id, c.id AS contest_id, uuidv7() AS post_id,
    uuidv7() AS page_id, k.id AS community_id, CASE c.n WHEN 3001 THEN 6000 ELSE 1000 END AS people
FROM numbered c CROSS JOIN LATERAL (SELECT id FROM communities k
    WHERE k.workspace_id = c.workspace_id AND k.removed_at IS NULL ORDER BY id LIMIT 1) k
WHERE c.is_lively;
INSERT INTO targets (workspace_id, id, community_id, platform, instance, kind, ref, pin, author,
    url)
SELECT workspace_id, id, community_id, 'bluesky', 'bsky.social', kind, 'lively ' || n, '',
    'did:plc:shop', ''
FROM lively, LATERAL (VALUES ('post', post_id), ('community', page_id)) t (kind, id);
INSERT INTO contest_posts (workspace_id, contest_id, target_id, position)
SELECT workspace_id, contest_id, post_id, 0 FROM lively;
INSERT INTO contest_evidence (workspace_id, contest_id, target_id, action)
SELECT workspace_id, contest_id, post_id, a FROM lively, unnest(ARRAY['like', 'comment']) a
UNION ALL SELECT workspace_id, contest_id, page_id, 'follow' FROM lively;

-- Scans -------------------------------------------------------------------------------------------

INSERT INTO watches (workspace_id, target_id, action)
SELECT DISTINCT workspace_id, target_id, action FROM contest_evidence;
-- What is lively has been scanned 400 times, and is being scanned again.
INSERT INTO scans (workspace_id, watch_id, closing, state, started_at, finished_at, pages, staged,
    seen, claimed)
SELECT w.workspace_id, w.id, false, CASE WHEN n = 0 THEN 'running' WHEN n % 9 = 7 THEN 'aborted'
    ELSE 'complete' END, now() - n * interval '1 hour',
    CASE WHEN n > 0 THEN now() - n * interval '1 hour' END, 5, 0, 1000, 1000
FROM generate_series(400, 0, -1) n, watches w
JOIN targets t ON t.workspace_id = w.workspace_id AND t.id = w.target_id AND t.ref LIKE 'lively%'
ORDER BY n DESC;
-- The pages of every two hundredth are at hand.
INSERT INTO scan_pages (workspace_id, scan_id, seq, sha256, size, fetched_at, body)
SELECT workspace_id, id, seq, sha256(int4send(seq)), 30000, started_at, NULL
FROM (SELECT *, row_number() OVER (PARTITION BY watch_id ORDER BY id DESC) AS n FROM scans) s,
    generate_series(0, 149) seq
WHERE n % 200 = 1;

-- Evidence ----------------------------------------------------------------------------------------

CREATE TEMP TABLE crowd AS
SELECT l.*, k, 'did:plc:' || md5(k::text) AS account FROM lively l, generate_series(1, people) k;
INSERT INTO accounts (workspace_id, platform, instance, account, handle, name, profile_at)
SELECT DISTINCT ON (workspace_id, account) workspace_id, 'bluesky', 'bsky.social', account,
    'person' || k || '.bsky.social', 'Person ' || k, now() FROM crowd;
-- Everybody likes and half comment and follow; one like in fifty is gone, half of these hidden.
INSERT INTO actions (workspace_id, target_id, action, account, ref, seen_scan, at, seen_at, gone_at,
    gone_scan, gone_why, text, tags, mentions)
SELECT c.workspace_id, t.id, t.action, c.account,
    CASE t.action WHEN 'comment' THEN 'at://' || c.account ELSE '' END, c.contest_id, now(),
    now() - interval '1 hour', CASE WHEN c.k % 50 = 7 THEN now() END,
    CASE WHEN c.k % 50 = 7 THEN c.contest_id END,
    CASE WHEN c.k % 50 = 7 THEN CASE c.k % 100 WHEN 7 THEN 'hidden' ELSE 'withdrawn' END END,
    CASE t.action WHEN 'comment' THEN 'I would so love to win this mug!' ELSE '' END, '{}', '{}'
FROM crowd c, LATERAL (VALUES (c.post_id, 'like'), (c.post_id, 'comment'), (c.page_id, 'follow'))
    t (id, action)
WHERE t.action = 'like' OR c.k % 2 = 0 ORDER BY hashint4(c.k);
-- The pass that is under way sees those who are there, and a few more.
INSERT INTO scan_staging (workspace_id, scan_id, seq, answer, seen_at, size, accounts)
SELECT c.workspace_id, s.id, c.k / 100, 'present', now(), count(*), array_agg(c.account)::text
FROM crowd c JOIN watches w ON w.workspace_id = c.workspace_id AND w.target_id = c.post_id
    AND w.action = 'like'
JOIN scans s ON s.watch_id = w.id AND s.state = 'running'
WHERE c.k % 50 <> 9 GROUP BY c.workspace_id, s.id, c.k / 100;

INSERT INTO absences (workspace_id, target_id, action, account, absent_at)
SELECT workspace_id, t.id, t.action, account, now() - interval '2 hours'
FROM crowd c, LATERAL (VALUES (c.post_id, 'like'), (c.page_id, 'follow')) t (id, action);

INSERT INTO lists (workspace_id, name)
SELECT s.id, 'list ' || g FROM spaces s, generate_series(1, 40) g
WHERE s.n = 1 OR s.n <= 8 AND g <= 5;
INSERT INTO list_accounts (workspace_id, list_id, platform, instance, account, reason, added_by)
SELECT l.workspace_id, l.id, 'bluesky', 'bsky.social',
    'did:plc:' || md5((substr(l.name, 6)::integer * 400 + k)::text), '', l.id
FROM lists l, generate_series(1, 400) k;

-- Everywhere some people were erased.
INSERT INTO erasures (workspace_id, cause, created_at)
SELECT s.id, 'request', now() FROM spaces s,
    generate_series(1, CASE s.n WHEN 1 THEN 2000 ELSE 10 END);

-- Everywhere 3,000 events came in within ten days, of which the last twenty wait.
INSERT INTO channels (workspace_id, community_id, kind)
SELECT workspace_id, community_id, 'long_poll' FROM lively WHERE n % 2 = 1;
INSERT INTO heard_events (workspace_id, community_id, event_id, heard_at, body, merged_at)
SELECT c.workspace_id, c.community_id, g::text, h.at, '', CASE WHEN g <= 2980 THEN h.at END
FROM generate_series(1, 3000) g, channels c,
    LATERAL (SELECT now() - (3000 - g) * interval '5 minutes' AS at) h
ORDER BY g;

-- Verdicts ----------------------------------------------------------------------------------------

-- Of a hundred, sixty are valid, thirty-eight invalid for three reasons; few cannot be verified.
INSERT INTO entrants (workspace_id, contest_id, subject, label, state, reason, marks, kind, tickets,
    record, record_salt, record_digest, judged_at)
SELECT workspace_id, contest_id, 'bluesky@bsky.social:' || account, '@person' || k, v.state,
    r.reason, r.marks, kind_of('bluesky', v.state, r.reason, r.marks),
    CASE v.state WHEN 'valid' THEN 1 ELSE 0 END,
    '{"terms_version": 1, "of": "' || repeat('evidence ', 60) || '"}', sha256(int4send(k)),
    sha256(convert_to(n || account, 'UTF8')), now()
FROM crowd, LATERAL (SELECT CASE WHEN k % 500 = 11 THEN 'quarantined' WHEN k % 50 = 13
    THEN 'cannot_verify' WHEN k % 100 < 60 THEN 'valid' ELSE 'invalid' END AS state) v,
    LATERAL (SELECT CASE v.state WHEN 'valid' THEN 'all_conditions_hold' WHEN 'invalid' THEN
        (ARRAY['liked.absent', 'follows.absent', 'commented.absent'])[1 + k % 3]
        ELSE 'follows.hidden' END AS reason, CASE v.state WHEN 'valid' THEN 'hh' WHEN 'invalid'
        THEN (ARRAY['dh', 'hd', 'dd'])[1 + k / 100 % 3] ELSE 'hc' END AS marks) r
ORDER BY hashint4(k);
INSERT INTO entrant_tallies (workspace_id, contest_id, platform, state, reason, marks, entrants,
    tickets)
SELECT workspace_id, contest_id, 'bluesky', state, reason, marks, count(*), sum(tickets)
FROM entrants GROUP BY 1, 2, 4, 5, 6;
INSERT INTO openings (workspace_id, contest_id, entrant_id, commitment, salt, subject, label,
    created_at)
SELECT workspace_id, contest_id, id, sha256(record_digest), sha256(record_salt), subject, label,
    now() FROM entrants WHERE state = 'valid';

INSERT INTO record_pieces (workspace_id, contest_id, name, text)
SELECT workspace_id, contest_id, 'piece' || lpad(g::text, 6, '0'), '{}'
FROM lively, generate_series(0, 299) g;

-- Whoever counts was promised it, and every tenth again with another weight.
INSERT INTO promises (workspace_id, contest_id, entrant_id, number, commitment, weight, given_at)
SELECT workspace_id, contest_id, entrant_id, number, commitment, 1 + number, 1
FROM openings, generate_series(0, 1) number WHERE number = 0 OR get_byte(commitment, 0) % 10 = 0;
-- One in a hundred said once that their account is theirs, and one in three has shown it.
INSERT INTO ownerships (workspace_id, contest_id, platform, instance, account, entrant_id, secret,
    code, created_at, expires_at, shown_at)
SELECT workspace_id, contest_id, platform, instance, account, entrant_id, '\x00',
    CASE WHEN k <> 0 THEN '\x00'::bytea END, now(), now() + interval '30 minutes',
    CASE WHEN k = 0 THEN now() END
FROM (SELECT *, hashtext(account) % 3 AS k FROM entrant_accounts WHERE hashtext(account) % 100 < 3
    AND hashtext(account) >= 0) x;

-- One in twenty linked the account that came next to theirs.
INSERT INTO links (workspace_id, contest_id, entrant_id, into_id, platform, instance, account, shown,
    ownerships, consent, consent_version, consent_language, linked_at)
SELECT workspace_id, contest_id, id, into_id, 'bluesky', 'bsky.social', substr(subject, 21),
    ARRAY[subject, subject], ARRAY[id, into_id], 'text', 1, 'en', now()
FROM (SELECT *, lead(id) OVER w AS into_id, row_number() OVER w AS n FROM entrants
    WINDOW w AS (PARTITION BY workspace_id, contest_id ORDER BY id)) e
WHERE n % 20 = 1 AND into_id IS NOT NULL;
UPDATE entrants n SET entry_id = l.into_id FROM links l
WHERE l.workspace_id = n.workspace_id AND l.contest_id = n.contest_id AND l.entrant_id = n.id;

-- Proof, announcements, work ----------------------------------------------------------------------

INSERT INTO terms (workspace_id, contest_id, version, sha256, bytes)
SELECT workspace_id, id, version, sha256(int4send(version)), '{"verifiers": []}'
FROM contests, generate_series(1, 2) version;
INSERT INTO overrides (workspace_id, contest_id, kind, reason, at)
SELECT workspace_id, id, 'coverage', 'a reason', now() FROM contests;
INSERT INTO events (workspace_id, contest_id, seq, type, at, hash, line, recorded_at)
SELECT workspace_id, id, seq, (ARRAY['rules', 'amend', 'freeze', 'result'])[seq + 1], 1,
    sha256(int4send(seq)), '{}', now() FROM contests, generate_series(0, 3) seq;
INSERT INTO log_leaves (log, index, leaf, workspace_id, contest_id, seq)
SELECT 'real', row_number() OVER () - 1, decode(repeat('00', 68), 'hex'), workspace_id, contest_id,
    seq FROM events;
INSERT INTO checkpoints (log, size, before, root, note, signed_at)
SELECT 'real', size, size - 1, decode(repeat('00', 32), 'hex'), 'note', now()
FROM generate_series(1, 4000) size
ON CONFLICT DO NOTHING;
INSERT INTO cosignatures (log, size, witness, line, time, received_at)
SELECT 'real', size, 'witness ' || n, 'line', 1, now()
FROM generate_series(1, 4000) size, generate_series(1, 2) n ON CONFLICT DO NOTHING;
INSERT INTO frozen_chunks (workspace_id, contest_id, kind, seq, bytes)
SELECT workspace_id, id, kind, seq, '' FROM contests, unnest(ARRAY['entries', 'evidence']) kind,
    generate_series(0, 2) seq;
INSERT INTO beacon_rounds (chain, round, signature, randomness, relay, fetched_at)
SELECT '\x52', n, '\x00', '\x00', '', now() FROM generate_series(1, 5000) n;
INSERT INTO verifiers (sha256, name, bytes)
SELECT sha256(int4send(n)), 'verify.py', '' FROM generate_series(1, 2000) n;
INSERT INTO announcements (workspace_id, contest_id, target_id, kind, seq, key, created_at, text,
    link, state, published_ref)
SELECT p.workspace_id, p.contest_id, p.target_id, k.kind, k.seq, 'key', now(), 'text', 'link',
    'published', 'ref' FROM contest_posts p, (VALUES ('freeze', 2), ('result', 3)) k (kind, seq);

-- Two winners of each contest were told, and all of the largest one's.
INSERT INTO notices (workspace_id, contest_id, seq, entrant_id, target_id, platform, instance,
    account, label, key, created_at, text, mention, link, state, how)
SELECT p.workspace_id, p.contest_id, 3, uuidv7(), p.target_id, 'bluesky', 'bsky.social',
    'did:plc:winner' || n, '@winner' || n, 'key', now(), 'text', 'mention', 'link', 'told',
    'message'
FROM contest_posts p JOIN contests c ON c.id = p.contest_id,
    generate_series(1, CASE c.title WHEN 'Contest 3001' THEN 4000 ELSE 2 END) n
WHERE p.position = 0;

-- Whoever was told was named, and every second claimed; many more were proposed to be out.
INSERT INTO namings (workspace_id, contest_id, commitment, seq, entry)
SELECT workspace_id, contest_id, sha256(convert_to(account, 'UTF8')), seq, entrant_id FROM notices;
INSERT INTO claims (workspace_id, contest_id, commitment, claimed_at, how)
SELECT workspace_id, contest_id, commitment, now(), 'page' FROM namings
WHERE get_byte(commitment, 0) % 2 = 0;
INSERT INTO disqualifications (workspace_id, contest_id, entry, commitment, reason, proposed_by,
    proposed_at, state, decided_at)
SELECT c.workspace_id, c.id, uuidv7(), sha256(int4send(n)), 'staff', uuidv7(), now(), 'withdrawn',
    now()
FROM contests c, generate_series(1, CASE c.title WHEN 'Contest 3001' THEN 1000 ELSE 2 END) n;

-- The largest contest was judged a thousand times, and everybody's verdict there changed twice; of
-- what persons proposed to set aside a few are in force, and a few appeals wait for an answer.
INSERT INTO judgings (workspace_id, contest_id, began_at, finished_at, is_closing, terms_version,
    scans, entrants, appeared, changed)
SELECT c.workspace_id, c.id, now() - n * interval '1 minute', now() - n * interval '1 minute',
    false, 1, '{}', 1, 1, 1
FROM contests c, generate_series(1, CASE c.title WHEN 'Contest 3001' THEN 1000 ELSE 2 END) n
ORDER BY n DESC;
INSERT INTO verdict_changes (workspace_id, contest_id, entrant_id, at, former_state, former_reason,
    former_tickets, state, reason, tickets)
SELECT n.workspace_id, n.contest_id, n.id, now() - k * interval '1 hour'
    - (abs(hashtext(n.id::text)) % 3000) * interval '1 second', 'invalid', 'liked.not_seen', 0,
    'valid', 'reason ' || k, 1
FROM entrants n JOIN contests c ON c.workspace_id = n.workspace_id AND c.id = n.contest_id,
    generate_series(1, 2) k
WHERE c.title = 'Contest 3001' OR hashtext(n.id::text) % 10 = 0
ORDER BY k DESC;
INSERT INTO override_proposals (workspace_id, contest_id, kind, entrant_id, reason, state,
    proposed_by, proposed_role, proposed_at, due_at, effective_at, ended_at)
SELECT c.workspace_id, c.id, 'exclude', md5(n::text)::uuid, 'staff',
    CASE WHEN n <= 10 THEN 'effective' WHEN n <= 20 THEN 'proposed' ELSE 'lapsed' END, uuidv7(),
    'owner', now(), now(), CASE WHEN n <= 10 THEN now() END, CASE WHEN n > 20 THEN now() END
FROM contests c, generate_series(1, CASE c.title WHEN 'Contest 3001' THEN 1000 ELSE 2 END) n;
INSERT INTO appeals (workspace_id, contest_id, entrant_id, text, made_at, former_state,
    former_reason, former_tickets, state, outcome, answered_by, ended_at)
SELECT c.workspace_id, c.id, md5(n::text)::uuid, 'Why?', now(), 'invalid', 'liked.not_seen', 0,
    CASE WHEN n % 20 = 0 THEN 'open' ELSE 'answered' END,
    CASE WHEN n % 20 <> 0 THEN 'nothing_to_do' END, CASE WHEN n % 20 <> 0 THEN uuidv7() END,
    CASE WHEN n % 20 <> 0 THEN now() END
FROM contests c, generate_series(1, CASE c.title WHEN 'Contest 3001' THEN 1000 ELSE 2 END) n;

-- Into the largest contest 4,000 entries were brought by 400 files, and every fiftieth is still to be
-- judged; into other lively ones 200 by 20. Of the accounts on lists every second stays for a while.
INSERT INTO imports (workspace_id, contest_id, source, sha256, size, entries, imported_by,
    imported_at)
SELECT workspace_id, contest_id, 'csv', sha256(int4send(k)), 1, 10, uuidv7(), now()
FROM lively, generate_series(1, CASE n WHEN 1 THEN 400 ELSE 20 END) k;
INSERT INTO imported_entries (workspace_id, contest_id, id, import_id, line, reference, label, due)
SELECT i.workspace_id, i.contest_id, uuidv7(), i.id, n, i.id || ' ' || n, 'Somebody',
    (get_byte(i.sha256, 0) + n) % 50 = 0
FROM imports i, generate_series(1, i.entries) n;
UPDATE list_accounts SET expires_at = added_at + (abs(hashtext(account)) % 3000) * interval '1 hour'
    + interval '1 hour'
WHERE hashtext(account) % 2 = 0;

-- Every contest asks a question; the answers to one in ten are opened.
INSERT INTO quizzes (workspace_id, contest_id, quiz, commitment, sealed, sealed_at, promised_at,
    answers, salt, opened_at)
SELECT workspace_id, id, 'question', sha256('question'), CASE WHEN k > 0 THEN '\x00'::bytea END, now(),
    now(), CASE WHEN k = 0 THEN ARRAY['answer'] END, CASE WHEN k = 0 THEN sha256('salt') END,
    CASE WHEN k = 0 THEN now() END
FROM (SELECT *, hashtext(id::text) % 10 AS k FROM contests) c WHERE k >= 0;

-- Everybody's account was measured, and one in ten stands out; of these half were held, and half of
-- those let go. All comments but every fiftieth were looked at; every tenth repeats another.
INSERT INTO entrant_signals (workspace_id, contest_id, entrant_id, score, strengths, facts, age_days,
    measured_at)
SELECT workspace_id, contest_id, id, signal_score(s, '{35,30,65,65,65,40,65,65}'), s, '{}', 100, now()
FROM entrants, LATERAL (SELECT CASE WHEN hashtext(id::text) % 10 = 0
    THEN ARRAY[90, 90, 0, 0, 90, 0, 0, 0]::smallint[]
    ELSE ARRAY[0, 0, 0, 0, 0, 0, 0, 0]::smallint[] END AS s) l;
INSERT INTO quarantines (workspace_id, contest_id, entrant_id, batch, cause, reason, held_at,
    released_at, release_reason)
SELECT workspace_id, contest_id, id, id, 'rule', 'score-reached', now(),
    CASE WHEN hashtext(id::text) % 40 = 0 THEN now() END,
    CASE WHEN hashtext(id::text) % 40 = 0 THEN 'score-below' END
FROM entrants WHERE hashtext(id::text) % 20 = 0;
INSERT INTO comment_sketches (workspace_id, contest_id, target_id, account, ref, source_id)
SELECT DISTINCT a.workspace_id, e.contest_id, a.target_id, a.account, a.ref,
    CASE WHEN hashtext(a.account) % 10 = 0 THEN md5((hashtext(a.account) % 7)::text)::uuid
        ELSE md5(a.account)::uuid END
FROM actions a JOIN contest_evidence e ON e.workspace_id = a.workspace_id
    AND e.target_id = a.target_id AND e.action = a.action
WHERE a.action = 'comment' AND hashtext(a.account) % 50 <> 0;
INSERT INTO comment_sources (workspace_id, contest_id, target_id, id, account, ref, written_at,
    words, features)
SELECT DISTINCT ON (workspace_id, contest_id, source_id) workspace_id, contest_id, target_id,
    source_id, account, ref, 0, 9, '\x0000000000000000'::bytea
FROM comment_sketches ORDER BY workspace_id, contest_id, source_id, account;
INSERT INTO comment_bands (workspace_id, contest_id, band, source_id)
SELECT workspace_id, contest_id, n, id FROM comment_sources, generate_series(1, 2) n
WHERE hashtext(id::text) % 100 = 0
UNION ALL
SELECT workspace_id, contest_id, hashtext(id::text) * 1000::bigint + n, id
FROM comment_sources, generate_series(1, 8) n;

-- Twenty steps are due, twenty are being done, two of these by somebody who died.
INSERT INTO work (workspace_id, kind, subject, due_at, lease, lease_until)
SELECT s.id, 'advance', md5(g::text)::uuid,
    CASE WHEN g <= 20 THEN now() - g * interval '1 second' WHEN g <= 40 THEN 'infinity'
        ELSE now() + g * interval '1 minute' END,
    CASE WHEN g BETWEEN 21 AND 40 THEN md5(g::text)::uuid END,
    CASE WHEN g BETWEEN 21 AND 22 THEN now() - interval '1 minute'
        WHEN g BETWEEN 21 AND 40 THEN now() + interval '1 minute' END
FROM generate_series(1, 8000) g
JOIN spaces s ON s.n = CASE g % 3 WHEN 0 THEN 1 ELSE 1 + g % 400 END;
