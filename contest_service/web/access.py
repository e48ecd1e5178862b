"""The one table of who may open what: every page and every form, and the roles that may.

Of the API's table (`api/roles`) the same is true. A page without a row does not start.
"""

import enum
from collections.abc import Iterable, Mapping

from litestar.handlers import HTTPRouteHandler

from contest_service.domain.people import Role

ALL = frozenset(Role)
EDITORS = frozenset({Role.OWNER, Role.EDITOR})
OWNERS = frozenset({Role.OWNER})


class Who(enum.Enum):
    """Who may, where it is no matter of roles."""

    EVERYBODY = enum.auto()
    """Nobody is looked for, so that the answer is the same for all."""
    VISITOR = enum.auto()
    """Signed in or not; what changes something needs a form of ours."""
    SIGNED_IN = enum.auto()


PAGES: Mapping[str, frozenset[Role] | Who] = {
    "read_asset": Who.EVERYBODY,
    "read_picture": Who.EVERYBODY,
    # Contests, for everybody
    "show_contest": Who.EVERYBODY,
    "show_draw": Who.EVERYBODY,
    "show_draw_now": Who.EVERYBODY,
    "show_certificate": Who.EVERYBODY,
    "show_card": Who.EVERYBODY,
    "show_check": Who.EVERYBODY,
    "begin_showing": Who.EVERYBODY,
    "show_own": Who.EVERYBODY,
    "ask_again": Who.EVERYBODY,
    "fetch_held": Who.EVERYBODY,
    # Signing in
    "page_start": Who.SIGNED_IN,
    "page_sign_in": Who.VISITOR,
    "sign_in": Who.VISITOR,
    "page_code": Who.VISITOR,
    "show_code": Who.VISITOR,
    "page_link": Who.VISITOR,
    "use_link": Who.VISITOR,
    "sign_out": Who.VISITOR,
    "page_invitation": Who.VISITOR,
    "accept_invitation": Who.VISITOR,
    # What is one's own
    "page_me": Who.SIGNED_IN,
    "describe_me": Who.SIGNED_IN,
    "page_password": Who.SIGNED_IN,
    "set_password": Who.SIGNED_IN,
    "page_totp": Who.SIGNED_IN,
    "begin_totp": Who.SIGNED_IN,
    "end_totp": Who.SIGNED_IN,
    "renew_recovery_codes": Who.SIGNED_IN,
    "end_session": Who.SIGNED_IN,
    "end_other_sessions": Who.SIGNED_IN,
    "page_workspaces": Who.SIGNED_IN,
    "open_workspace": Who.SIGNED_IN,
    # Live
    "follow_public_contest": Who.EVERYBODY,
    # A workspace
    "page_desk": ALL,
    "page_contests": ALL,
    "page_running": ALL,
    "part_running": ALL,
    "page_what_if": ALL,
    "page_entrants": ALL,
    "page_entrant": ALL,
    "follow_contest": ALL,
    "page_people": ALL,
    "invite_person": OWNERS,
    "withdraw_invitation": OWNERS,
    "set_role": OWNERS,
    "drop_person": OWNERS,
    "page_tokens": ALL,
    "issue_token": OWNERS,
    "end_token": OWNERS,
    "page_audit": ALL,
    "page_settings": ALL,
    "change_settings": OWNERS,
}


def require_rows(handlers: Iterable[HTTPRouteHandler]) -> None:
    """Raise LookupError unless every handler has a row."""
    names = {each.operation_id for each in handlers if isinstance(each.operation_id, str)}
    if missing := names - PAGES.keys():
        raise LookupError(f"no row in web/access.py for {', '.join(sorted(missing))}")
