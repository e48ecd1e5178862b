"""Every page, and what all pages have in common."""

from litestar import Router
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler

from contest_service.domain.errors import ContestError
from contest_service.platforms.errors import PlatformError
from contest_service.web import (
    assets,
    audit_log,
    card_page,
    certificate_page,
    check_page,
    contest_page,
    desk,
    draw_page,
    entrant_pages,
    faulty,
    invitations,
    live,
    me,
    own_page,
    people,
    pictures,
    running,
    sign_in,
    tokens,
    workspaces,
)
from contest_service.web.access import require_rows
from contest_service.web.gate import (
    SignedOutError,
    TotpMissingError,
    go_to_sign_in,
    go_to_totp,
    pass_gate,
)
from contest_service.web.submissions import SentBeforeError, go_where_it_led

FILES: tuple[HTTPRouteHandler, ...] = (assets.read_asset, pictures.read_picture)
"""What pages are made of."""
PUBLIC: tuple[HTTPRouteHandler, ...] = (
    contest_page.show_contest,
    draw_page.show_draw,
    draw_page.show_draw_now,
    certificate_page.show_certificate,
    card_page.show_card,
    check_page.show_check,
    own_page.begin_showing,
    own_page.show_own,
    own_page.ask_again,
    own_page.fetch_held,
    live.follow_public_contest,
)
"""For everybody, without login."""
SIGNING_IN: tuple[HTTPRouteHandler, ...] = (
    sign_in.page_start,
    sign_in.page_sign_in,
    sign_in.sign_in,
    sign_in.page_code,
    sign_in.show_code,
    sign_in.page_link,
    sign_in.use_link,
    sign_in.sign_out,
    invitations.page_invitation,
    invitations.accept_invitation,
)
OWN: tuple[HTTPRouteHandler, ...] = (
    me.page_me,
    me.describe_me,
    me.page_password,
    me.set_password,
    me.page_totp,
    me.begin_totp,
    me.end_totp,
    me.renew_recovery_codes,
    me.end_session,
    me.end_other_sessions,
    workspaces.page_workspaces,
    workspaces.open_workspace,
)
"""For whoever is signed in."""
WORKSPACE: tuple[HTTPRouteHandler, ...] = (
    desk.page_desk,
    desk.page_contests,
    running.page_running,
    running.part_running,
    running.page_what_if,
    entrant_pages.page_entrants,
    entrant_pages.page_entrant,
    live.follow_contest,
    people.page_people,
    people.invite_person,
    people.withdraw_invitation,
    people.set_role,
    people.drop_person,
    tokens.page_tokens,
    tokens.issue_token,
    tokens.end_token,
    audit_log.page_audit,
    workspaces.page_settings,
    workspaces.change_settings,
)
"""For the persons of a workspace, by their roles (`access`)."""


def all_pages() -> Router:
    """Everything that is for people."""
    handlers = [*FILES, *PUBLIC, *SIGNING_IN, *OWN, *WORKSPACE]
    require_rows(handlers)
    return Router(
        "/",
        route_handlers=handlers,
        guards=[pass_gate],
        include_in_schema=False,
        exception_handlers={
            SignedOutError: go_to_sign_in,
            TotpMissingError: go_to_totp,
            SentBeforeError: go_where_it_led,
            ContestError: faulty.from_contest_error,
            PlatformError: faulty.from_platform_error,
            HTTPException: faulty.from_http_exception,
            Exception: faulty.from_anything,
        },
    )
