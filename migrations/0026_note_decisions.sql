-- What persons write about a decision for each other, and comments that ask something.

-- A note is for the team alone. It is personal, so that it goes when somebody is erased, and nothing
-- else of what has ended does.
ALTER TABLE override_proposals ADD COLUMN note text NOT NULL DEFAULT '';
DROP TRIGGER override_proposals_are_ended_once ON override_proposals;
CREATE TRIGGER override_proposals_are_ended_once BEFORE UPDATE ON override_proposals
    FOR EACH ROW WHEN (
        (OLD.state IN ('withdrawn', 'lapsed')
            AND to_jsonb(OLD) - 'note' IS DISTINCT FROM to_jsonb(NEW) - 'note')
        OR (OLD.kind, OLD.entrant_id, OLD.least, OLD.reason, OLD.proposed_by, OLD.proposed_role,
            OLD.proposed_at, OLD.due_at)
        IS DISTINCT FROM (NEW.kind, NEW.entrant_id, NEW.least, NEW.reason, NEW.proposed_by,
            NEW.proposed_role, NEW.proposed_at, NEW.due_at))
    EXECUTE FUNCTION refuse_change();

-- Whether a comment asks something, by the rules of contest_service/domain/questions.py, whatever the
-- database's collation. Many hold no part of any word that a question needs: only the others are made
-- plain, which takes ten times as long.
CREATE FUNCTION asks_something(said text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN lower(said COLLATE pg_c_utf8) ~ (
        '[?ё]|к(о[гм]|уда|то|ем|ак)|где|че[мгй]|скол|чь|что|ли|п(о[йняд]|рос)|зна|можн|уточ|'
        || 'объя|w[haeio]|how|c[ao]|ma|a[mr]|is|sh|d[io]|ha|te|ex|kn|qu|su|un')
    THEN regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(' ' || translate(lower(said COLLATE pg_c_utf8), 'ё', 'е') || ' ',
        'https?://[^ \n]+|\[[a-z]+[0-9]+\|[^]]*\]|[@#][^ \n]+', ' ', 'g'),
        '[:;…\n\r]', '.', 'g'),
        '([.!?])', ' \1 ', 'g'),
        '[^a-zа-я0-9.!? -]+', ' ', 'g'),
        ' +', ' ', 'g')
    ~ ('[?]|(^|[.!]) ((а|и|но|ну|да|о|ой|эй|так|тогда|еще|вот|скажите|пожалуйста|ребята|'
        || 'друзья|админ|админы|привет|здравствуйте|приветствую|добрый день|добрый вечер|'
        || 'доброе утро|and|but|so|ok|okay|hi|hey|hello|please|sorry|guys|also|then) )*(((в|'
        || 'во|до|с|со|по|на|за|у|к|ко|от|из|для|о|об|при) )?(когда|где|куда|откуда|почему|'
        || 'зачем|сколько|скольки|кто|кого|кому|кем|чего|чему|чей|чья|чье|чьи|какого|каким|'
        || 'каких|какую|каком|какому) |((в|во|до|с|со|по|на|за|у|к|ко|от|из|для|о|об|'
        || 'при) )?(как|какой|какая|какое|какие|что|what|how) (?!(же|ж|бы|раз|только|будто|'
        || 'говорится|всегда|обычно|и|круто|здорово|классно|красиво|хочу|хочется|мило|'
        || 'приятно|жаль|жалко|a|an|cool|nice|beautiful|lovely|wonderful|amazing|great|cute|'
        || 'pretty|sweet|fun) )(?![^.!?]*!)|(when|where|why|who|whom|whose|which) (?!i win)|'
        || '(can|could|may|am|is|are|was|were|will|would|should|shall|does|did|isn t|aren t|'
        || 'doesn t|won t|can t) (i|we|you|he|she|it|they|there|this|that|these|those|the|'
        || 'my|anyone|anybody|people) |(do|have) (i|we|you|they|people) )| (?!(вряд|навряд|'
        || 'едва|чуть|то|мало) )[а-я-]+ ли | (подскажите|подскажи|подскажете|не подскажут|'
        || 'объясните|поясните|уточните|не пойму|не понял|не поняла|не понимаю|непонятно|'
        || 'есть вопрос|у меня вопрос|вопрос такой|хочу спросить|хотел спросить|'
        || 'хотела спросить|хотелось бы узнать|хотел узнать|хотела узнать|кто знает|'
        || 'кто-нибудь знает|можно узнать|можно спросить|можно поучаствовать|'
        || 'можно участвовать|could you tell|can you tell|please tell|please explain|'
        || 'anyone know|anybody know|anyone knows|have a question|i wonder|wondering if|'
        || 'wondering how|wondering when|not sure how|not sure if|not sure whether|'
        || 'not sure when|don t understand|didn t understand) ')
    ELSE false END;

DROP INDEX actions_asking;
CREATE INDEX actions_asking ON actions (workspace_id, target_id, COALESCE(at, seen_at), account, ref)
    WHERE action = 'comment' AND gone_at IS NULL AND asks_something(text);

-- Comments that somebody has answered, on the platform or elsewhere.
CREATE TABLE answered_comments (
    workspace_id uuid NOT NULL,
    target_id uuid NOT NULL,
    account text NOT NULL,
    ref text NOT NULL,
    answered_by uuid NOT NULL,
    answered_at timestamptz NOT NULL,
    CONSTRAINT answered_comments_pkey PRIMARY KEY (workspace_id, target_id, account, ref),
    CONSTRAINT answered_comments_target FOREIGN KEY (workspace_id, target_id)
        REFERENCES targets (workspace_id, id) ON DELETE CASCADE
);
