"""Every operation × owner, editor, auditor, stranger, anonymous.

Operations come from the OpenAPI document, what is expected from the table here: a new operation
fails until it has a row. A stranger is the owner of another workspace, who knows all ids.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import pytest

from api.conftest import Clients, lent, new_member, settings_for
from api.databases import copy_of, name_of
from api.operations import OPERATIONS, Operation
from api.staged import Stage
from api.world import World, make_world
from contest_service.assembly import BEACON_FOLDER
from contest_service.flows.bootstrap import ensure_first_workspace
from contest_service.settings import Settings
from contest_service.store.pool import connect

ROLES = ("owner", "editor", "auditor", "stranger", "anonymous")

OK, NO, GONE, LOGIN = "allowed", 403, 404, 401

EVERYBODY_OF_THE_WORKSPACE = (OK, OK, OK, OK, LOGIN)
"""For what names no id: a stranger does it in their own workspace."""
READERS = (OK, OK, OK, GONE, LOGIN)
EDITORS = (OK, OK, NO, GONE, LOGIN)
OWNERS = (OK, NO, NO, GONE, LOGIN)
EDITORS_ANYWHERE = (OK, OK, NO, OK, LOGIN)
OWNERS_ANYWHERE = (OK, NO, NO, OK, LOGIN)
ALL = (OK, OK, OK, OK, OK)

TABLE: dict[str, tuple[str | int, ...]] = {
    "livez": ALL,
    "readyz": ALL,
    "read_me": EVERYBODY_OF_THE_WORKSPACE,
    "read_catalogue": EVERYBODY_OF_THE_WORKSPACE,
    "list_workspaces": EVERYBODY_OF_THE_WORKSPACE,
    "create_workspace": OWNERS_ANYWHERE,
    "rename_workspace": OWNERS,
    "list_persons": EVERYBODY_OF_THE_WORKSPACE,
    "add_person": OWNERS_ANYWHERE,
    "change_role": OWNERS,
    "remove_person": OWNERS,
    "list_tokens": EVERYBODY_OF_THE_WORKSPACE,
    "create_token": OWNERS_ANYWHERE,
    "revoke_token": OWNERS,
    "list_communities": EVERYBODY_OF_THE_WORKSPACE,
    "connect_community": OWNERS_ANYWHERE,
    "read_community": READERS,
    "replace_credential": OWNERS,
    "connect_practice_community": OWNERS_ANYWHERE,
    "change_credential": OWNERS,
    "read_credential": READERS,
    "read_quota": READERS,
    "check_community": EDITORS,
    "resume_community": EDITORS,
    "remove_community": OWNERS,
    "read_channel": READERS,
    "read_staff": READERS,
    "begin_vk_id": EDITORS,
    "list_lists": EVERYBODY_OF_THE_WORKSPACE,
    "create_list": EDITORS_ANYWHERE,
    "read_list": READERS,
    "delete_list": EDITORS,
    "list_list_accounts": READERS,
    "add_list_accounts": EDITORS,
    "remove_list_accounts": EDITORS,
    "import_list_accounts": EDITORS,
    "export_list_accounts": READERS,
    "list_audit": EVERYBODY_OF_THE_WORKSPACE,
    "create_erasure": OWNERS,
    "list_erasures": EVERYBODY_OF_THE_WORKSPACE,
    "read_erasure": READERS,
    "list_contests": EVERYBODY_OF_THE_WORKSPACE,
    "create_contest": EDITORS_ANYWHERE,
    "read_contest": READERS,
    "replace_contest": EDITORS,
    "change_contest": EDITORS,
    "delete_contest": EDITORS,
    "schedule_contest": EDITORS,
    "unschedule_contest": EDITORS,
    "upload_picture": EDITORS_ANYWHERE,
    "list_templates": EVERYBODY_OF_THE_WORKSPACE,
    "read_template": READERS,
    "create_template": EDITORS,
    "rename_template": EDITORS,
    "delete_template": EDITORS,
    "create_contest_from_template": EDITORS,
    "clone_contest": EDITORS,
    "list_quizzes": READERS,
    "seal_quiz": EDITORS,
    "forget_quiz": EDITORS,
    "list_versions": READERS,
    "lint_contest": READERS,
    "lint_definition": EDITORS_ANYWHERE,
    "start_contest": EDITORS,
    "start_dry_run": EDITORS,
    "cancel_contest": OWNERS,
    "amend_contest": OWNERS,
    "proceed_contest": OWNERS,
    "complete_contest": OWNERS,
    "list_disqualifications": READERS,
    "propose_disqualification": EDITORS,
    "approve_disqualification": OWNERS,
    # An editor only what they proposed, and this one is somebody else's.
    "withdraw_disqualification": OWNERS,
    "list_overrides": READERS,
    "propose_override": EDITORS,
    "approve_override": OWNERS,
    # An editor only what they proposed, and this one is somebody else's.
    "withdraw_override": OWNERS,
    "list_appeals": READERS,
    "answer_appeal": EDITORS,
    "list_claims": READERS,
    "note_claim": EDITORS,
    "list_deliveries": READERS,
    "note_delivery": EDITORS,
    "undo_delivery": EDITORS,
    "list_posts": READERS,
    "list_blind_spots": READERS,
    "attach_post": EDITORS,
    "detach_post": EDITORS,
    "list_entrants": READERS,
    "count_entrants": READERS,
    "read_entrant": READERS,
    "list_entries": READERS,
    "list_judgings": READERS,
    "list_differences": READERS,
    "read_evidence": READERS,
    "list_scan_pages": READERS,
    "download_scan_page": READERS,
    "export_entrants": READERS,
    "read_signals": EVERYBODY_OF_THE_WORKSPACE,
    "change_signals": EDITORS_ANYWHERE,
    "list_signals": READERS,
    "preview_signals": READERS,
    "report_signals": READERS,
    "list_quarantines": READERS,
    "hold_entrants": EDITORS,
    "hold_by_score": EDITORS,
    "release_entrants": EDITORS,
    "undo_quarantine": EDITORS,
    "list_imports": READERS,
    "import_entries": EDITORS,
    "import_entries_file": EDITORS,
    "read_import": READERS,
    "list_imported_entries": READERS,
    "undo_import": EDITORS,
    "list_scans": READERS,
    "read_coverage": READERS,
    "read_freeze": READERS,
    "read_draw": READERS,
    "list_events": READERS,
    "download_bundle": READERS,
    "list_announcements": READERS,
    "retry_announcement": EDITORS,
    "correct_announcement": EDITORS,
    "list_notices": READERS,
    "retry_notice": EDITORS,
    "read_public_catalogue": ALL,
    "read_public_contest": ALL,
    "download_events": ALL,
    "download_entries": ALL,
    "download_terms": ALL,
    "download_quiz": ALL,
    "download_verifier": ALL,
    "download_public_bundle": ALL,
    "read_certificate": ALL,
    "read_public_disqualifications": ALL,
    "read_public_claims": ALL,
    "check_account": ALL,
    "begin_ownership": ALL,
    "read_ownership": ALL,
    "download_held_file": ALL,
    "read_public_overrides": ALL,
    "read_organiser_record": ALL,
    "make_appeal": ALL,
    "read_link_consent": ALL,
    "link_accounts": ALL,
    "part_accounts": ALL,
}


NOWHERE = "redis://127.0.0.1:1"


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """A world in a database that is copied for each test, and a token for each role."""

    database: str
    folder: Path
    world: World
    tokens: dict[str, str | None]


@pytest.fixture(scope="module")
def prepared(
    postgres_url: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prepared]:
    folder = tmp_path_factory.mktemp("world")
    with asyncio.Runner() as runner:
        copies = copy_of(postgres_url, template)
        url = runner.run(copies.__aenter__())
        yield runner.run(_prepare(url, folder))
        runner.run(copies.__aexit__(None, None, None))


async def _prepare(database: str, folder: Path) -> Prepared:
    connection = await connect(database)
    _, token = await ensure_first_workspace(connection)
    await connection.close()
    async with (
        lent(settings_for(database, NOWHERE, folder)) as app,
        AsyncExitStack() as stack,
    ):
        owner = await Clients(app, stack).open(token)
        world = await make_world(owner, Stage(app.state.rt, owner, folder / BEACON_FOLDER))
        made = await owner.post("/v1/workspaces", json={"name": "Elsewhere"})
        tokens = {
            "owner": token,
            "editor": await new_member(owner, "editor"),
            "auditor": await new_member(owner, "auditor"),
            "stranger": made.json()["token"]["secret"],
            "anonymous": None,
        }
    return Prepared(database=name_of(database), folder=folder, world=world, tokens=tokens)


@pytest.fixture
def world(prepared: Prepared) -> World:
    return prepared.world


@pytest.fixture
async def database(postgres_url: str, prepared: Prepared) -> AsyncIterator[str]:
    async with copy_of(postgres_url, prepared.database) as url:
        yield url


@pytest.fixture
def settings(database: str, prepared: Prepared) -> Settings:
    return settings_for(database, NOWHERE, prepared.folder)


def test_every_operation_has_a_row() -> None:
    assert {operation.id for operation in OPERATIONS} == set(TABLE)


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
async def test_whoever_may_may_and_nobody_else(
    operation: Operation,
    world: World,
    prepared: Prepared,
    clients: Clients,
) -> None:
    # The owner comes last, since what they do may take away what the others ask for.
    for role, expected in reversed(list(zip(ROLES, TABLE[operation.id], strict=True))):
        client = await clients.open(prepared.tokens[role])
        answer = await client.request(
            operation.method, world.path(operation, role), **world.options(operation, role)
        )
        if expected == OK:
            assert answer.status_code not in (401, 403, 404, 405, 500), (role, answer.text)
        else:
            assert answer.status_code == expected, (role, answer.text)
            assert answer.headers["content-type"] == "application/problem+json"


async def test_an_id_of_another_workspace_looks_like_one_that_never_was(
    world: World, prepared: Prepared, clients: Clients
) -> None:
    stranger = await clients.open(prepared.tokens["stranger"])
    told = {}
    for operation in (each for each in OPERATIONS if GONE in TABLE[each.id]):
        answers = []
        for role in ("owner", None):
            options = world.options(operation, "stranger")
            answer = await stranger.request(
                operation.method, world.path(operation, role), **options
            )
            answers.append((answer.status_code, answer.json() | {"request_id": ""}))
        if answers[0] != answers[1] or answers[0][0] != GONE:
            told[operation.id] = answers
    assert told == {}
