"""Comments that ask something, found by a few plain rules over their words. Pure.

A text is first made plain: small letters, е for ё, no addresses, no names that are called, single
spaces, and a sign at each end of a sentence. Then one rule is enough. The rules are the same in the
database (`asks_something`), so that an index finds the comments among a million; it first looks for
parts of the words below, and a new word may need a new part. Tests hold both to one table of cases
and to every word.
"""

import enum
import re
from collections.abc import Mapping, Sequence


class Asks(enum.StrEnum):
    """By which rule a text asks something."""

    MARK = "mark"
    """It holds a question mark."""
    WORD = "word"
    """A sentence begins with a question word, or as questions begin in English."""
    PARTICLE = "particle"
    """It holds the particle “ли”."""
    PHRASE = "phrase"
    """It says that it asks."""


STEPS: Sequence[tuple[str, str]] = (
    (r"https?://[^ \n]+|\[[a-z]+[0-9]+\|[^]]*\]|[@#][^ \n]+", " "),
    (r"[:;…\n\r]", "."),
    (r"([.!?])", r" \1 "),
    (r"[^a-zа-я0-9.!? -]+", " "),
    (r" +", " "),
)
"""How a text is made plain, once its letters are small: what is replaced by what, in this order."""

_BEFORE = (
    "а|и|но|ну|да|о|ой|эй|так|тогда|еще|вот|скажите|пожалуйста|ребята|друзья|админ|админы|привет|"
    "здравствуйте|приветствую|добрый день|добрый вечер|доброе утро|and|but|so|ok|okay|hi|hey|"
    "hello|please|sorry|guys|also|then"
)
"""What may stand before a question word."""
_OF = "в|во|до|с|со|по|на|за|у|к|ко|от|из|для|о|об|при"
_RUSSIAN = (
    "когда|где|куда|откуда|почему|зачем|сколько|скольки|кто|кого|кому|кем|чего|чему|чей|чья|чье|"
    "чьи|какого|каким|каких|какую|каком|какому"
)
_EXCLAIMED = "как|какой|какая|какое|какие|что|what|how"
"""These begin exclamations, too: then the sentence ends with a mark of that."""
_NO_QUESTION = (
    "же|ж|бы|раз|только|будто|говорится|всегда|обычно|и|круто|здорово|классно|красиво|хочу|"
    "хочется|мило|приятно|жаль|жалко|a|an|cool|nice|beautiful|lovely|wonderful|amazing|"
    "great|cute|pretty|sweet|fun"
)
"""What follows these words in exclamations and in other turns of speech."""
_ENGLISH = "when|where|why|who|whom|whose|which"
_HELPING = (
    "can|could|may|am|is|are|was|were|will|would|should|shall|does|did|isn t|aren t|doesn t|"
    "won t|can t"
)
_WHOM = "i|we|you|he|she|it|they|there|this|that|these|those|the|my|anyone|anybody|people"
_SAID = (
    "подскажите|подскажи|подскажете|не подскажут|объясните|поясните|уточните|не пойму|не понял|"
    "не поняла|не понимаю|непонятно|есть вопрос|у меня вопрос|вопрос такой|хочу спросить|"
    "хотел спросить|хотела спросить|хотелось бы узнать|хотел узнать|хотела узнать|кто знает|"
    "кто-нибудь знает|можно узнать|можно спросить|можно поучаствовать|можно участвовать|"
    "could you tell|can you tell|please tell|please explain|anyone know|anybody know|"
    "anyone knows|have a question|i wonder|wondering if|wondering how|wondering when|"
    "not sure how|not sure if|not sure whether|not sure when|don t understand|didn t understand"
)

PATTERNS: Mapping[Asks, str] = {
    Asks.MARK: "[?]",
    Asks.WORD: (
        f"(^|[.!]) (({_BEFORE}) )*"
        f"((({_OF}) )?({_RUSSIAN}) "
        f"|(({_OF}) )?({_EXCLAIMED}) (?!({_NO_QUESTION}) )(?![^.!?]*!)"
        f"|({_ENGLISH}) (?!i win)"
        f"|({_HELPING}) ({_WHOM}) |(do|have) (i|we|you|they|people) )"
    ),
    Asks.PARTICLE: " (?!(вряд|навряд|едва|чуть|то|мало) )[а-я-]+ ли ",
    Asks.PHRASE: f" ({_SAID}) ",
}
"""What a plain text of each kind holds, in words that Python and PostgreSQL read alike."""
PATTERN = "|".join(PATTERNS.values())
_STEPS = [(re.compile(found), instead) for found, instead in STEPS]
_PATTERNS = {rule: re.compile(pattern) for rule, pattern in PATTERNS.items()}


def plain(text: str) -> str:
    """The text as the rules read it."""
    said = f" {text.lower().replace('ё', 'е')} "
    for found, instead in _STEPS:
        said = found.sub(instead, said)
    return said


def why_asks(text: str) -> Asks | None:
    """The first rule by which a text asks something; None if it does not."""
    said = plain(text)
    return next((rule for rule, pattern in _PATTERNS.items() if pattern.search(said)), None)
