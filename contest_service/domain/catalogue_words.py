"""What an editor calls the parameters of conditions, and when, what and how many of them.

In English and in Russian. What a condition asks of an entrant is said by its own sentence.
"""

from contest_service.domain.conditions import Unit, When

Words = tuple[str, str]

MOMENTS: dict[When, tuple[Words, Words]] = {
    When.ONCE: (
        ("Once", "Один раз"),
        (
            "Done in the contest's time; it may be undone later.",
            "Сделано во время конкурса, потом это можно отменить.",
        ),
    ),
    When.CLOSE: (
        ("At the close", "К закрытию"),
        (
            "Done in the contest's time and still there at the close.",
            "Сделано во время конкурса и на месте в момент закрытия.",
        ),
    ),
    When.WHOLE_TIME: (
        ("The whole time", "Всё время"),
        (
            "There without a gap from when it was done until the close; a follow from the opening.",
            "Без перерыва с момента действия до закрытия, а подписка – с открытия.",
        ),
    ),
    When.DRAW: (
        ("Still at the draw", "И после розыгрыша"),
        (
            "There at the close; winners are checked once more after the draw.",
            "На месте в момент закрытия, а победителей проверяют ещё раз после розыгрыша.",
        ),
    ),
}
"""The name of each moment, and what it means."""

UNITS: dict[Unit, Words] = {
    Unit.POST: ("For each post", "За каждую запись"),
    Unit.COMMENT: ("For each comment", "За каждый комментарий"),
    Unit.MENTION: ("For each account mentioned", "За каждый отмеченный аккаунт"),
    Unit.COMMUNITY: ("For each community", "За каждое сообщество"),
}

PARAMETERS: dict[str, Words] = {
    "moment": ("When it has to hold", "Когда это должно быть выполнено"),
    "posts": ("On how many of the contest's posts", "Под сколькими записями конкурса"),
    "times": ("How many comments", "Сколько комментариев"),
    "words": ("Words in each, at least", "Слов в каждом, не меньше"),
    "hashtag": ("Hashtag, without its sign", "Хештег без знака"),
    "mentions": (
        "Different accounts mentioned, at least",
        "Разных отмеченных аккаунтов, не меньше",
    ),
    "contains": ("With one of these texts in it", "С одним из этих текстов"),
    "equals": ("Saying just one of these texts", "Только с одним из этих текстов"),
    "number": ("With this number and no other", "С этим числом и без других"),
    "original": (
        "Copies of others' comments do not count",
        "Копии чужих комментариев не считаются",
    ),
    "uncommon": (
        "Accounts that very many entrants mention do not count",
        "Аккаунты, которые отмечает очень много участников, не считаются",
    ),
    "communities": ("Communities; none means any", "Сообщества; ни одного – любое"),
    "every": ("All of them, not just one", "Все, а не одно из них"),
    "liked.every": ("Every post on the account's platform", "Каждая запись на площадке аккаунта"),
    "reposted.every": (
        "Every post on the account's platform",
        "Каждая запись на площадке аккаунта",
    ),
    "quoted.every": (
        "Every post on the account's platform",
        "Каждая запись на площадке аккаунта",
    ),
    "commented.every": (
        "Under every post on the account's platform",
        "Под каждой записью на площадке аккаунта",
    ),
    "account_age.days": ("Days old, at least", "Дней, не меньше"),
    "not_past_winner.days": ("Days before the close", "Дней до закрытия"),
    "followers_at_least.least": ("Followers, at least", "Подписчиков, не меньше"),
    "age.least": ("Years, at least", "Лет, не меньше"),
    "age.most": ("Years, at most; 0 sets no end", "Лет, не больше; 0 – без предела"),
    "names": ("Cities", "Города"),
    "name": ("What the rules call it", "Как это назвать в правилах"),
    "cities": ("Cities of the region", "Города региона"),
    "countries": ("Countries of the region", "Страны региона"),
    "list_id": ("List", "Список"),
    "quiz": ("Code of the quiz", "Код вопроса"),
    "question": ("Question", "Вопрос"),
    "comparing": ("How answers are compared", "Как сравнивать ответы"),
    "counting": ("Which answer counts", "Какой ответ засчитывать"),
}

CHOICES: dict[str, Words] = {
    "comparing.within": ("The answer stands somewhere in it", "Ответ есть где-то в комментарии"),
    "comparing.whole": ("The answer, and nothing else", "Только ответ и ничего больше"),
    "comparing.number": ("The number, and no other number", "Это число и никакое другое"),
    "counting.first": ("Only the first answer", "Только первый ответ"),
    "counting.any": ("Any answer that is right", "Любой правильный ответ"),
    "counting.only": ("All answers have to be right", "Все ответы должны быть правильными"),
}
"""What the values of a parameter are called, where it has only a few."""
