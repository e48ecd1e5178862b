"""All routes of the API, with what every operation has in common."""

from collections.abc import Iterable

from litestar import Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.types import ControllerRouterHandler

from contest_service.api import (
    announcements,
    appeals,
    audit,
    callbacks,
    catalogue,
    certificates,
    channels,
    claims,
    communities,
    contests,
    deliveries,
    disqualifications,
    dry_runs,
    entrant_files,
    entrants,
    erasure,
    evidence,
    health,
    imports,
    judgings,
    links,
    lint,
    list_files,
    lists,
    lives,
    log,
    me,
    notices,
    organisers,
    outcomes,
    overrides,
    ownerships,
    persons,
    pictures,
    posts,
    public,
    quarantines,
    quiz,
    scans,
    self_check,
    signals,
    staff,
    templates,
    tokens,
    verifier_page,
    versions,
    vk_id,
    workspaces,
)
from contest_service.api.gate import require_role
from contest_service.api.roles import ROLES, WITHOUT_LOGIN
from contest_service.api.writes import AnyRequest, provide_write, replay_stored
from contest_service.domain.people import Actor
from contest_service.downloads import Exports
from contest_service.flows.receipt import Receipts
from contest_service.flows.runtime import Runtime

LOGGED_IN: tuple[HTTPRouteHandler, ...] = (
    me.read_me,
    catalogue.read_catalogue,
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
    communities.connect_practice_community,
    communities.change_credential,
    communities.read_credential,
    communities.read_quota,
    communities.resume_community,
    communities.check_community,
    communities.remove_community,
    channels.read_channel,
    staff.read_community_staff,
    vk_id.begin_vk_id,
    lists.list_lists,
    lists.create_list,
    lists.read_list,
    lists.delete_list,
    lists.list_list_accounts,
    lists.add_list_accounts,
    lists.remove_list_accounts,
    list_files.import_list_accounts,
    list_files.export_list_accounts,
    audit.list_audit,
    erasure.create_erasure,
    erasure.list_erasures,
    erasure.read_erasure,
    contests.list_contests,
    contests.create_contest,
    contests.read_contest,
    contests.replace_contest,
    contests.change_contest,
    contests.delete_contest,
    contests.schedule_contest,
    contests.unschedule_contest,
    pictures.upload_picture,
    templates.list_templates,
    templates.create_template,
    templates.read_template,
    templates.rename_template,
    templates.delete_template,
    templates.create_contest_from,
    templates.clone_contest,
    quiz.list_quizzes,
    quiz.seal_quiz,
    quiz.forget_quiz,
    versions.list_versions,
    lint.lint_contest_of,
    lint.lint_draft,
    lives.start_contest,
    lives.cancel_contest,
    lives.amend_contest,
    overrides.proceed_contest,
    lives.complete_contest,
    disqualifications.list_disqualifications,
    disqualifications.propose_disqualification,
    disqualifications.approve_disqualification,
    disqualifications.withdraw_disqualification,
    claims.list_claims,
    claims.note_claim,
    deliveries.list_deliveries,
    deliveries.note_delivery,
    deliveries.undo_delivery,
    dry_runs.start_dry_run_of,
    posts.list_posts,
    posts.list_blind_spots,
    posts.attach_post,
    posts.detach_post,
    entrants.list_entrants,
    entrants.count_entrants,
    entrants.read_entrant,
    entrants.list_entries,
    entrant_files.export_contest_entrants,
    signals.read_signals,
    signals.change_signals,
    signals.list_signals,
    signals.preview_signals,
    signals.report_signals,
    quarantines.list_quarantines,
    quarantines.hold_entrants,
    quarantines.hold_by_score,
    quarantines.release_entrants,
    quarantines.undo_quarantine,
    imports.list_imports,
    imports.import_entries,
    imports.import_entries_file,
    imports.read_import,
    imports.list_imported_entries,
    imports.undo_import,
    scans.list_scans,
    scans.read_coverage,
    outcomes.read_contest_freeze,
    outcomes.read_contest_draw,
    outcomes.list_events,
    outcomes.download_bundle,
    announcements.list_announcements,
    announcements.retry_announcement,
    announcements.correct_announcement,
    notices.list_notices,
    notices.retry_notice,
    overrides.list_overrides,
    overrides.propose_override,
    overrides.approve_override,
    overrides.withdraw_override,
    appeals.list_appeals,
    appeals.answer_an_appeal,
    judgings.list_judgings,
    judgings.list_differences,
    evidence.read_entrant_evidence,
    evidence.list_scan_pages,
    evidence.download_scan_page,
)
PUBLIC: tuple[HTTPRouteHandler, ...] = (
    public.read_public_contest,
    public.download_events,
    public.download_entries,
    public.download_terms,
    public.download_quiz,
    public.download_verifier,
    public.download_public_bundle,
    certificates.read_contest_certificate,
    disqualifications.read_public_disqualifications,
    claims.read_public_claims,
    self_check.check_an_account,
    ownerships.begin_ownership,
    ownerships.read_ownership,
    ownerships.download_held_file,
    overrides.read_public_overrides,
    appeals.make_an_appeal,
    links.read_link_consent,
    links.link_accounts,
    links.part_accounts,
)
ORGANISERS: tuple[HTTPRouteHandler, ...] = (organisers.read_organiser_record,)
CALLED_BACK: tuple[HTTPRouteHandler, ...] = (
    callbacks.take_vk_event,
    vk_id.come_back_from_vk_id,
)
"""Where platforms, and browsers that come from them, arrive: no part of what clients may use."""
WATCHED: tuple[HTTPRouteHandler, ...] = (
    log.read_newest_checkpoint,
    log.read_log_tile,
    log.cosign_checkpoint,
)
"""The log, in the words of protocols that others fixed."""
CATALOGUES: tuple[HTTPRouteHandler, ...] = (catalogue.read_public_catalogue,)
PROBES: tuple[HTTPRouteHandler, ...] = (health.livez, health.readyz)
PAGES: tuple[HTTPRouteHandler, ...] = (verifier_page.read_verifier_page,)


def all_routes() -> list[ControllerRouterHandler]:
    """Everything that the API answers. Raises LookupError for an operation without a row."""
    _require_rows(LOGGED_IN, ROLES)
    _require_rows(
        PUBLIC + ORGANISERS + CATALOGUES + PROBES + PAGES + CALLED_BACK + WATCHED, WITHOUT_LOGIN
    )
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
    organisers_of = Router("/public/organisers", route_handlers=ORGANISERS)
    return [
        v1,
        everybody,
        organisers_of,
        *CATALOGUES,
        *CALLED_BACK,
        *WATCHED,
        *PAGES,
        *PROBES,
        health.Metrics,
    ]


def provide_exports(state: State) -> Exports:
    """The dependency `exports`."""
    exports: Exports = state.exports
    return exports


def provide_receipts(state: State) -> Receipts:
    """The dependency `receipts`."""
    receipts: Receipts = state.receipts
    return receipts


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
