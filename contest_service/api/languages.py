"""Which language somebody is answered in."""

from contest_service.accept_language import preferred
from contest_service.api.writes import AnyRequest
from contest_service.domain.conditions import Language
from contest_service.store.contests import Contest

VARIES = {"Vary": "Accept-Language"}


def language_of(request: AnyRequest, contest: Contest) -> Language:
    """The best of our languages that the request accepts, or the contest's."""
    return language_asked(request, otherwise=contest.definition.language)


def language_asked(request: AnyRequest, *, otherwise: Language) -> Language:
    """The best of our languages that the request accepts, or another."""
    return preferred(request.headers.get("accept-language", ""), otherwise=otherwise)
