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
INSERT INTO entrants (workspace_id, contest_id, subject, label, state, reason, tickets, record,
    record_salt, record_digest, judged_at)
SELECT workspace_id, contest_id, 'bluesky@bsky.social:' || account, '@person' || k, v.state,
    CASE v.state WHEN 'valid' THEN 'all_conditions_hold' WHEN 'invalid' THEN (ARRAY['liked.absent',
        'follows.absent', 'commented.absent'])[1 + k % 3] ELSE 'follows.hidden' END,
    CASE v.state WHEN 'valid' THEN 1 ELSE 0 END,
    '{"terms_version": 1, "of": "' || repeat('evidence ', 60) || '"}', sha256(int4send(k)),
    sha256(convert_to(contest_id || account, 'UTF8')), now()
FROM crowd, LATERAL (SELECT CASE WHEN k % 500 = 11 THEN 'quarantined' WHEN k % 50 = 13
    THEN 'cannot_verify' WHEN k % 100 < 60 THEN 'valid' ELSE 'invalid' END AS state) v
ORDER BY hashint4(k);
INSERT INTO entrant_accounts (workspace_id, contest_id, platform, instance, account, entrant_id)
SELECT workspace_id, contest_id, 'bluesky', 'bsky.social', substr(subject, 21), id FROM entrants;
INSERT INTO openings (workspace_id, contest_id, entrant_id, commitment, salt, subject, label,
    created_at)
SELECT workspace_id, contest_id, id, sha256(record_digest), sha256(record_salt), subject, label,
    now() FROM entrants WHERE state = 'valid';

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
