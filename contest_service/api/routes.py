"""All routes of the API, with what every operation has in common."""

from collections.abc import Iterable

from litestar import Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.types import ControllerRouterHandler

from contest_service.api import (
    announcements,
    audit,
    callbacks,
    channels,
    communities,
    contests,
    dry_runs,
    entrants,
    health,
    lists,
    lives,
    me,
    notices,
    outcomes,
    persons,
    posts,
    public,
    scans,
    tokens,
    vk_id,
    workspaces,
)
from contest_service.api.downloads import Exports
from contest_service.api.gate import require_role
from contest_service.api.roles import ROLES, WITHOUT_LOGIN
from contest_service.api.writes import AnyRequest, provide_write, replay_stored
from contest_service.domain.people import Actor
from contest_service.flows.runtime import Runtime

LOGGED_IN: tuple[HTTPRouteHandler, ...] = (
    me.read_me,
    workspaces.list_workspaces,
    workspaces.create_workspace,
    workspaces.rename_workspace,
    persons.list_persons,
    persons.add_person,
    persons.change_role,
    persons.remove_person,
    tokens.list_tokens,
    tokens.create_token,
    tokens.revoke_token,
    communities.list_communities,
    communities.connect_community,
    communities.read_community,
    communities.replace_credential,
    communities.check_community,
    communities.remove_community,
    channels.read_channel,
    vk_id.begin_vk_id,
    lists.list_lists,
    lists.create_list,
    lists.read_list,
    lists.delete_list,
    lists.list_list_accounts,
    lists.add_list_accounts,
    lists.remove_list_accounts,
    audit.list_audit,
    contests.list_contests,
    contests.create_contest,
    contests.read_contest,
    contests.replace_contest,
    contests.change_contest,
    contests.delete_contest,
    contests.schedule_contest,
    lives.start_contest,
    lives.cancel_contest,
    lives.amend_contest,
    lives.proceed_contest,
    lives.complete_contest,
    lives.disqualify_entry,
    dry_runs.start_dry_run_of,
    posts.list_posts,
    posts.list_blind_spots,
    posts.attach_post,
    posts.detach_post,
    entrants.list_entrants,
    entrants.count_entrants,
    entrants.read_entrant,
    entrants.list_entries,
    scans.list_scans,
    scans.read_coverage,
    outcomes.read_contest_freeze,
    outcomes.read_contest_draw,
    outcomes.list_events,
    outcomes.download_bundle,
    announcements.list_announcements,
    announcements.retry_announcement,
    notices.list_notices,
    notices.retry_notice,
)
PUBLIC: tuple[HTTPRouteHandler, ...] = (
    public.read_public_contest,
    public.download_events,
    public.download_entries,
    public.download_terms,
    public.download_verifier,
    public.download_public_bundle,
)
CALLED_BACK: tuple[HTTPRouteHandler, ...] = (
    callbacks.take_vk_event,
    vk_id.come_back_from_vk_id,
)
"""Where platforms, and browsers that come from them, arrive: no part of what clients may use."""
PROBES: tuple[HTTPRouteHandler, ...] = (health.livez, health.readyz)


def all_routes() -> list[ControllerRouterHandler]:
    """Everything that the API answers. Raises LookupError for an operation without a row."""
    _require_rows(LOGGED_IN, ROLES)
    _require_rows(PUBLIC + PROBES + CALLED_BACK, WITHOUT_LOGIN)
    v1 = Router(
        "/v1",
        route_handlers=LOGGED_IN,
        guards=[require_role],
        before_request=replay_stored,
        security=[{"token": []}],
        dependencies={
            "actor": Provide(_provide_actor, sync_to_thread=False),
            "write": Provide(provide_write),
        },
    )
    everybody = Router("/public/contests", route_handlers=PUBLIC)
    return [v1, everybody, *CALLED_BACK, *PROBES, health.Metrics]


def provide_exports(state: State) -> Exports:
    """The dependency `exports`."""
    exports: Exports = state.exports
    return exports


def provide_rt(state: State) -> Runtime:
    """The dependency `rt`: the outside, as flows see it."""
    rt: Runtime = state.rt
    return rt


def _provide_actor(request: AnyRequest) -> Actor:
    actor: Actor = request.scope["state"]["actor"]
    return actor


def _require_rows(handlers: Iterable[HTTPRouteHandler], rows: Iterable[str]) -> None:
    operations = {str(handler.operation_id) for handler in handlers}
    if operations != set(rows):
        raise LookupError(
            f"the table of roles and the operations differ: {sorted(operations ^ set(rows))}"
        )
