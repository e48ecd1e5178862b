"""Entries without accounts over the API, and entrants as a file."""

import csv
import hashlib
import io
from typing import Any

import httpx

from api.answers import created, done, faults, items, problem
from api.staged import Stage
from contest_service.flows.judge import judge_all

CSV = {"Content-Type": "text/csv; charset=utf-8"}
RULES = {"kind": "any_of", "of": [{"kind": "entered"}, {"kind": "liked"}]}


async def running(stage: Stage, **changes: Any) -> str:
    contest = await stage.start(await stage.draft(**{"rules": RULES, **changes}))
    return f"/v1/contests/{contest.id}"


async def test_entries_come_in_by_request_and_by_file_once_each(
    owner: httpx.AsyncClient, auditor: httpx.AsyncClient, stage: Stage
) -> None:
    where = await running(stage)
    body = {"entries": [{"reference": "f1", "label": "Ann"}, {"reference": "f2", "label": "=Bob"}]}
    first = await owner.post(f"{where}/imports", json=body, headers={"Idempotency-Key": "k"})
    made = created(first)
    assert (made["source"], made["entries"], made["undone_at"]) == ("api", 2, None)
    assert made["sha256"] == hashlib.sha256(first.request.content).hexdigest()
    again = await owner.post(f"{where}/imports", json=body, headers={"Idempotency-Key": "k"})
    assert (again.json(), again.headers["idempotency-replayed"]) == (made, "true")
    twice = await owner.post(f"{where}/imports", json=body)
    assert set(faults(twice)) == {"/entries/0/reference", "/entries/1/reference"}

    file = "reference\tlabel\nf3\tВера\n".encode()
    brought = created(await owner.post(f"{where}/imports/file", content=file, headers=CSV))
    assert (brought["source"], brought["sha256"]) == ("csv", hashlib.sha256(file).hexdigest())
    wrong = b'reference\tlabel\nf3\tZoe\nf4\tzoe@example.org\n"f\n5"\t\n'
    told = faults(await owner.post(f"{where}/imports/file", content=wrong, headers=CSV))
    assert list(told) == [
        "/lines/3/label",
        "/lines/4/reference",
        "/lines/4/label",
        "/lines/2/reference",
    ]
    assert [each["id"] for each in items(await auditor.get(f"{where}/imports"))] == [
        brought["id"],
        made["id"],
    ]
    assert done(await auditor.get(f"{where}/imports/{made['id']}")) == made
    entries = f"{where}/imports/{made['id']}/entries"
    listed = items(await auditor.get(entries))
    assert [(each["reference"], each["line"], each["state"]) for each in listed] == [
        ("f1", 1, None),
        ("f2", 2, None),
    ]
    shown = done(await owner.get(f"/public{where.removeprefix('/v1')}"))
    assert shown["imported"] == 3
    undone = done(await owner.post(f"{where}/imports/{made['id']}/undo", json={"reason": "twice"}))
    assert undone["undone_why"] == "twice"
    assert done(await owner.get(f"/public{where.removeprefix('/v1')}"))["imported"] == 1
    nothing = {"reason": " "}
    answer = await owner.post(f"{where}/imports/{brought['id']}/undo", json=nothing)
    assert list(faults(answer)) == ["/reason"]
    for count in (0, 1001):
        many = {"entries": [{"reference": f"x{n}", "label": "A"} for n in range(count)]}
        assert list(faults(await owner.post(f"{where}/imports", json=many))) == ["/entries"]


async def test_entries_need_rules_and_a_contest_that_runs(
    owner: httpx.AsyncClient, stage: Stage
) -> None:
    body = {"entries": [{"reference": "f1", "label": "Ann"}]}
    community = await stage.community()
    contest = await stage.start(await stage.draft(community, rules={"kind": "liked"}))
    where = f"/v1/contests/{contest.id}"
    problem(await owner.post(f"{where}/imports", json=body), 409, "no_entry_without_account")
    draft = await stage.draft(community, rules=RULES)
    problem(await owner.post(f"/v1/contests/{draft.id}/imports", json=body), 409, "not_running")


async def test_entrants_are_a_file_filtered_as_their_list_is(
    owner: httpx.AsyncClient, auditor: httpx.AsyncClient, stage: Stage
) -> None:
    where = await running(stage)
    contest = await stage.contest(where.rpartition("/")[2])
    body = {"entries": [{"reference": "=1+1", "label": "@anna"}, {"reference": "b", "label": "B"}]}
    made = created(await owner.post(f"{where}/imports", json=body))
    await judge_all(stage.rt, contest)
    await stage.judged(contest, "ann", "bob")

    async def table(**query: str) -> list[dict[str, str]]:
        language = {"Accept-Language": query.pop("language", "en")}
        answer = await auditor.get(f"{where}/entrants/export", params=query, headers=language)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-disposition"].startswith("attachment; filename=")
        text = io.StringIO(answer.content.decode("utf-8-sig"), newline="")
        return list(csv.DictReader(text, delimiter="," if not query.get("separator") else "\t"))

    rows = await table()
    assert len(rows) == 4
    (anna,) = [row for row in rows if row["label"] == "'@anna"]
    assert anna["reference"] == "'=1+1"
    assert anna["subject"] == f"import:{anna['id']}"
    assert (anna["accounts"], anna["tickets"]) == ("", "1")
    assert (anna["state"], anna["state_text"]) == ("valid", "takes part")
    assert anna["reason_text"] == "All conditions are fulfilled."
    (bob,) = [row for row in rows if row["label"] == "bob"]
    assert bob["accounts"] == bob["subject"] == "bluesky@localhost:2582:did:plc:bob"
    done(await owner.post(f"{where}/imports/{made['id']}/undo", json={"reason": "no"}))
    await judge_all(stage.rt, await stage.contest(contest.id))
    fallen = await table(state="invalid", language="ru", separator="tab")
    assert {row["reason"] for row in fallen} == {"entered.undone"}
    assert len(fallen) == 2
    assert fallen[0]["reason_text"] == ("Заявка организатору: Раньше это было, теперь этого нет.")
    assert [row["label"] for row in await table(who="bob", reason="all_conditions_hold")] == ["bob"]
    assert await table(reason="nothing.such") == []
