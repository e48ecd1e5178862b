"""The words of every reason code that a condition can give: what is so, and what to do next.

Each in English and in Russian. `{close}` stands for the contest's close. A code has the same words
whatever condition gives it, since they are said beside the condition's own sentence.
"""

Words = tuple[str, str]
"""In English and in Russian."""
NOTHING: Words = ("", "")
WRITE: Words = (
    "If you think that this is wrong, write to the organiser.",
    "Если это ошибка, напишите организатору.",
)
_LOOK: Words = ("Look again in a few minutes.", "Проверьте ещё раз через несколько минут.")

REASONS: dict[str, tuple[Words, Words]] = {
    "seen": (("We see it.", "Мы это видим."), NOTHING),
    "undone": (
        ("It was there and is not there any more.", "Раньше это было, теперь этого нет."),
        ("Do it again before {close}, and keep it.", "Сделайте это снова до {close}."),
    ),
    "outside_contest_time": (
        (
            "It was done outside of the contest's time.",
            "Это сделано не во время конкурса.",
        ),
        ("Do it again before {close}.", "Сделайте это снова до {close}."),
    ),
    "not_seen": (
        ("We have not seen it.", "Мы этого не видели."),
        (
            "Do it before {close}, then look again in a few minutes.",
            "Сделайте это до {close} и проверьте ещё раз через несколько минут.",
        ),
    ),
    "not_read_yet": (("We have not read everything yet.", "Мы ещё не всё прочитали."), _LOOK),
    "never_told": (
        (
            "This platform does not show it.",
            "Эта площадка этого не показывает.",
        ),
        (
            "Do it on another platform of this contest, if there is one.",
            "Если конкурс идёт и на другой площадке, сделайте это там.",
        ),
    ),
    "answers_sealed": (
        (
            "We see the answer. Whether it is right cannot be known yet: the right answers are "
            "sealed until the close.",
            "Мы видим ответ. Верен ли он, пока неизвестно: правильные ответы скрыты до закрытия.",
        ),
        (
            "Look again after {close}, when the answers are opened.",
            "Проверьте ещё раз после закрытия ({close}), когда ответы откроют.",
        ),
    ),
    "right_answer": (("The answer is right.", "Ответ верный."), NOTHING),
    "wrong_answer": (
        ("The answer is not right by the rules.", "Ответ по правилам не верен."),
        WRITE,
    ),
    "no_number": (
        ("No comment names a number.", "Ни в одном комментарии нет числа."),
        (
            "Answer with a number in digits before {close}.",
            "Ответьте числом, цифрами, до {close}.",
        ),
    ),
    "was_hidden": (
        (
            "We saw it, and then could not see the account any more.",
            "Мы это видели, а потом перестали видеть аккаунт.",
        ),
        (
            "Make sure that the community can see the account by {close}.",
            "До {close} сделайте так, чтобы сообщество видело аккаунт.",
        ),
    ),
    "blocks_us": (
        (
            "The account blocks the community, so we cannot see what it does.",
            "Аккаунт заблокировал сообщество, поэтому мы не видим его действий.",
        ),
        ("Unblock the community by {close}.", "Разблокируйте сообщество до {close}."),
    ),
    "blocked_by_us": (
        ("The community has blocked this account.", "Сообщество заблокировало этот аккаунт."),
        WRITE,
    ),
    "unavailable": (
        ("The platform does not show this account.", "Платформа не показывает этот аккаунт."),
        (
            "Check that it is not deleted or blocked.",
            "Проверьте, что он не удалён и не заблокирован.",
        ),
    ),
    "profile_closed": (
        (
            "The profile is closed, so we cannot see what it publishes.",
            "Профиль закрыт, поэтому мы не видим его записей.",
        ),
        (
            "Open it until {close}, then look again in a few minutes.",
            "Откройте его до {close} и проверьте ещё раз через несколько минут.",
        ),
    ),
    "joined_since": (
        ("We saw the account join.", "Мы видели, что аккаунт подписался."),
        NOTHING,
    ),
    "joined_before": (
        (
            "The account followed the community before the contest opened.",
            "Аккаунт подписался ещё до открытия конкурса.",
        ),
        WRITE,
    ),
    "joined_when_unknown": (
        (
            "We cannot tell whether the account joined after the contest opened.",
            "Мы не знаем, подписался ли аккаунт после открытия конкурса.",
        ),
        WRITE,
    ),
    "too_few_comments": (
        ("There are too few comments.", "Комментариев слишком мало."),
        ("Write more before {close}.", "Напишите ещё до {close}."),
    ),
    "too_few_mentions": (
        ("The comments mention too few accounts.", "В комментариях отмечено мало аккаунтов."),
        (
            "Mention more in another comment before {close}.",
            "Отметьте ещё в новом комментарии до {close}.",
        ),
    ),
    "hashtag_missing": (
        ("No comment has the hashtag.", "Ни в одном комментарии нет хештега."),
        ("Write one with it before {close}.", "Напишите комментарий с ним до {close}."),
    ),
    "comment_does_not_fit": (
        (
            "No comment is as the rules ask.",
            "Ни один комментарий не подходит под правила.",
        ),
        ("Write another one before {close}.", "Напишите новый до {close}."),
    ),
    "listed": (
        (
            "The account is on a list of those who may not take part.",
            "Аккаунт в списке тех, кто не может участвовать.",
        ),
        WRITE,
    ),
    "not_listed": (
        ("The account is not on this list.", "Аккаунта в этом списке нет."),
        NOTHING,
    ),
    "city_named": (("The profile names the city.", "Город в профиле указан."), NOTHING),
    "other_city": (
        ("The profile names another city.", "В профиле указан другой город."),
        ("If you have moved, change it before {close}.", "Если вы переехали, измените до {close}."),
    ),
    "age_fits": (("The age fits.", "Возраст подходит."), NOTHING),
    "too_young": (
        ("The profile says that the age is too low.", "По профилю возраст меньше нужного."),
        WRITE,
    ),
    "too_old": (
        ("The profile says that the age is too high.", "По профилю возраст больше нужного."),
        WRITE,
    ),
    "profile_does_not_tell": (
        ("The profile does not show this.", "В профиле этого не видно."),
        (
            "Show it in the profile before {close}.",
            "Покажите это в профиле до {close}.",
        ),
    ),
    "old_enough": (("The account is old enough.", "Аккаунт создан достаточно давно."), NOTHING),
    "account_too_new": (("The account is too new.", "Аккаунт создан слишком недавно."), WRITE),
    "picture_seen": (("There is a picture.", "Фотография есть."), NOTHING),
    "no_picture": (
        ("There is no picture in the profile.", "В профиле нет фотографии."),
        ("Add one before {close}.", "Добавьте её до {close}."),
    ),
    "profile_open": (("The profile is open.", "Профиль открыт."), NOTHING),
    "account_active": (("The account is in use.", "Аккаунт действует."), NOTHING),
    "account_not_active": (
        ("The account is deleted or blocked.", "Аккаунт удалён или заблокирован."),
        ("Restore it before {close}.", "Восстановите его до {close}."),
    ),
    "interrupted": (
        (
            "It is there, but was undone for a while.",
            "Сейчас это есть, но какое-то время этого не было.",
        ),
        WRITE,
    ),
    "too_few_posts": (
        ("It was done on too few posts.", "Это сделано под слишком малым числом записей."),
        ("Do it on more of them before {close}.", "Сделайте это и под другими до {close}."),
    ),
    "not_from_the_opening": (
        (
            "The account began to follow after the contest opened.",
            "Аккаунт подписался уже после открытия конкурса.",
        ),
        WRITE,
    ),
    "mentions_too_common": (
        (
            "The accounts mentioned are ones that too many entrants mention.",
            "Отмечены аккаунты, которые отмечает слишком много участников.",
        ),
        (
            "Mention friends of your own in another comment before {close}.",
            "Отметьте своих друзей в новом комментарии до {close}.",
        ),
    ),
    "comment_copied": (
        (
            "The comment copies what somebody else wrote before.",
            "Комментарий повторяет то, что раньше написал другой.",
        ),
        (
            "Write one in your own words before {close}.",
            "Напишите своими словами до {close}.",
        ),
    ),
    "text_missing": (
        (
            "No comment says what the rules ask for.",
            "Ни в одном комментарии нет нужного текста.",
        ),
        ("Write one that does before {close}.", "Напишите комментарий с ним до {close}."),
    ),
    "entered": (
        ("The organiser has the entry.", "Заявка у организатора есть."),
        NOTHING,
    ),
    "enough_followers": (("There are enough followers.", "Подписчиков достаточно."), NOTHING),
    "too_few_followers": (
        ("The account has too few followers.", "У аккаунта слишком мало подписчиков."),
        WRITE,
    ),
    "in_region": (
        ("The profile names a place of the region.", "В профиле указано место из региона."),
        NOTHING,
    ),
    "outside_region": (
        (
            "The profile names a place outside the region.",
            "В профиле указано место вне региона.",
        ),
        ("If you have moved, change it before {close}.", "Если вы переехали, измените до {close}."),
    ),
    "is_staff": (
        (
            "The account helps to run the community.",
            "Аккаунт помогает вести сообщество.",
        ),
        WRITE,
    ),
    "not_staff": (
        (
            "The account does not help to run the community.",
            "Аккаунт не из команды сообщества.",
        ),
        NOTHING,
    ),
    "staff_not_told": (
        (
            "We do not know who helps to run the community.",
            "Мы не знаем, кто помогает вести сообщество.",
        ),
        WRITE,
    ),
    "past_winner": (
        (
            "The account won a prize of the organiser lately.",
            "Аккаунт недавно выиграл приз организатора.",
        ),
        WRITE,
    ),
    "not_past_winner": (
        (
            "The account has won no prize of the organiser lately.",
            "Аккаунт давно не выигрывал призов организатора.",
        ),
        NOTHING,
    ),
}
