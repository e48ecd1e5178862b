"""Finding a post by its address alone: which community it is of follows from the address."""

from typing import Any

from contest_service.domain.errors import InvalidError, NotFoundError
from contest_service.flows import define
from contest_service.flows.define import FoundPost
from contest_service.platforms.errors import PlatformError
from contest_service.web.forms import Form
from contest_service.web.gate import AnyRequest, actor_of, runtime_of
from contest_service.web.language import Words, words_of
from contest_service.web.wizard.draft import communities_of


async def look_up(
    request: AnyRequest, form: Form[Any], url: str, *, practice: bool
) -> FoundPost | None:
    """Look a post up; None if that cannot be, and the form's field `url` says why.

    Speaks to the platform, without a database connection.
    """
    rt, actor, words = runtime_of(request), actor_of(request), words_of(request)
    async with rt.pool.acquire() as conn:
        known = await communities_of(conn, actor.workspace_id)
    community = define.community_of_post(list(known.values()), url, practice=practice)
    if community is None:
        form.add("url", _say_unknown(words, is_any_connected=bool(known)))
        return None
    try:
        return await define.look_up_post(rt, actor, community.id, url)
    except PlatformError as error:
        form.add("url", words.refusal(error.message))
    except InvalidError:
        form.add(
            "url",
            words.gettext(
                "This post was published by another account. A contest runs on the posts of your "
                "own communities."
            ),
        )
    except NotFoundError:
        form.add("url", words.gettext("The community is not connected any more. Connect it again."))
    return None


def _say_unknown(words: Words, *, is_any_connected: bool) -> str:
    if not is_any_connected:
        return words.gettext(
            "No community is connected yet. Connect the one that published the post."
        )
    return words.gettext(
        "None of your communities has a post at this address. Check the address, or connect the "
        "community that published it."
    )
