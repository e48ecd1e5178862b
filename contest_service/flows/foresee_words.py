"""What is said of what cannot be known, in the languages of a contest."""

from collections.abc import Callable, Mapping

import msgspec

from contest_service.domain.conditions import Language
from contest_service.domain.wording import english, russian


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """The sentences of one language; `{facts}` stand for what was found."""

    language: Language
    count: Callable[[int], str]
    """So many posts."""
    both: str
    either: str
    few: str
    attach_more: str
    elsewhere: str
    away: str
    between: str
    before: str
    unknown: str
    attach: str
    no_staff: str
    no_fact: str
    no_action: str


WORDS: Mapping[Language, Words] = {
    Language.ENGLISH: Words(
        language=Language.ENGLISH,
        count=lambda many: english(many, "post"),
        both=" and ",
        either=" or ",
        few="The contest has {posts}, and {asked} are asked for.",
        attach_more="Attach more posts, or ask for fewer.",
        elsewhere="The contest has {posts} on {platform}: there only those can fulfil it who link "
        "an account on another platform.",
        away="{names} cannot be followed from {platform}: there only those can fulfil it who link "
        "an account on another platform.",
        between="What is done and undone between two readings, or undone and done again, is seen "
        "only where a live event tells of it.",
        before="Nobody is asked about before they did something on a post: until then they are "
        "taken to have followed.",
        unknown="No post of the contest is by {names}.",
        attach="Attach a post of this community, or take it out of the condition.",
        no_staff="{platform} does not tell who helps to run the community.",
        no_fact="Profiles on {platform} do not tell it.",
        no_action="{platform} tells of no {action} of a post.",
    ),
    Language.RUSSIAN: Words(
        language=Language.RUSSIAN,
        count=lambda many: russian(many, ("пост", "поста", "постов")),
        both=" и ",
        either=" или ",
        few="В конкурсе {posts}, а требуется постов: {asked}.",
        attach_more="Прикрепите ещё посты или требуйте меньше.",
        elsewhere="В конкурсе {posts} на {platform}: там условие выполнит только тот, кто связал "
        "аккаунт на другой платформе.",
        away="На {names} нельзя подписаться из {platform}: там условие выполнит только тот, кто "
        "связал аккаунт на другой платформе.",
        between="Что сделано и отменено между двумя проверками или отменено и сделано снова, видно "
        "только там, где об этом приходит событие.",
        before="Ни о ком не спрашивают, пока он ничего не сделал под постом: до этого считается, "
        "что он подписан.",
        unknown="Ни один пост конкурса не опубликован сообществом {names}.",
        attach="Прикрепите пост этого сообщества или уберите его из условия.",
        no_staff="{platform} не сообщает, кто управляет сообществом.",
        no_fact="Профили на {platform} этого не показывают.",
        no_action="{platform} не сообщает об этом действии с постом ({action}).",
    ),
}
