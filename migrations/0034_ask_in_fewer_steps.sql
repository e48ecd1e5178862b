-- Whether a comment asks something, found in fewer steps: a million comments took a minute for it, as
-- long as a statement may take. A regular expression is made anew for every text, and costs by its
-- size: a small one, or a few words, that a rule needs in any case go before each large one.
CREATE FUNCTION asks_plainly(said text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
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

-- The answers stay, so that the index does.
CREATE OR REPLACE FUNCTION asks_something(said text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN lower(said COLLATE pg_c_utf8) ~ (
        '[?ё]|к(о[гм]|уда|то|ем|ак)|где|че[мгй]|скол|чь|что|ли|п(о[йняд]|рос)|зна|можн|уточ|'
        || 'объя|w[haeio]|how|c[ao]|ma|a[mr]|is|sh|d[io]|ha|te|ex|kn|qu|su|un')
    THEN asks_plainly(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
        ' ' || translate(lower(said COLLATE pg_c_utf8), 'ё', 'е') || ' ',
        'https?://[^ \n]+|\[[a-z]+[0-9]+\|[^]]*\]|[@#][^ \n]+', ' ', 'g'),
        '[:;…\n\r]', '.', 'g'),
        '([.!?])', ' \1 ', 'g'),
        '[^a-zа-я0-9.!? -]+', ' ', 'g'),
        ' +', ' ', 'g'))
    ELSE false END;
