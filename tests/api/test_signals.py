"""Fraud signals and quarantine over HTTP: explained, previewed, set, held and undone."""

from typing import Any

import httpx

from api.answers import done, faults, items, problem
from api.staged import Stage
from contest_service.domain.signals import scores
from contest_service.store import signals
from contest_service.store.contests import Contest
from contest_service.store.signals import Measurement

FACTS = {
    "account_age": {"days": 2, "estimate": 0},
    "empty_profile": {"picture": 1, "followers": 3},
    "adjacent_ids": {"others": 12, "reach": 50},
}


def _measured(entrant_id: Any, *strengths: int) -> Measurement:
    whole = (*strengths, *([0] * (len(scores.SIGNALS) - len(strengths))))
    facts = {name: FACTS[name] for name, each in zip(FACTS, whole, strict=False) if each}
    return Measurement(
        entrant_id=entrant_id,
        score=scores.score(whole, scores.in_order({})),
        strengths=whole,
        facts=facts,
        age_days=2 if whole[0] else 900,
    )


async def _scene(stage: Stage, **changes: Any) -> tuple[Contest, str, list[str]]:
    """A contest with three entrants: a bot, somebody new, and somebody of whom nothing is said."""
    contest = await stage.start(await stage.draft(**changes))
    ids = await stage.judged(contest, "ann", "bob", "cem")
    measured = [_measured(ids[0], 100, 70, 100), _measured(ids[1], 100), _measured(ids[2])]
    async with stage.rt.pool.acquire() as conn:
        await signals.write(conn, contest, measured, at=stage.rt.clock())
    return contest, f"/v1/contests/{contest.id}", [str(id_) for id_ in ids]


async def test_entrants_are_listed_by_score_with_each_reason_in_words(
    owner: httpx.AsyncClient, stage: Stage
) -> None:
    _, url, ids = await _scene(stage)
    page = done(await owner.get(f"{url}/signals", params={"limit": 1}))
    (bot,) = page["items"]
    assert (bot["entrant"], bot["score"], bot["is_flagged"], bot["is_held"]) == (
        ids[0], 82, True, False,
    )  # fmt: skip
    said = {each["name"]: each for each in bot["signals"]}
    assert [each["points"] for each in bot["signals"]] == [65, 35, 21]
    assert said["account_age"]["text"].startswith("The account was made 2 days before")
    (next_,) = items(
        await owner.get(
            f"{url}/signals",
            params={"limit": 5, "after": page["next"]},
            headers={"Accept-Language": "ru"},
        )
    )
    assert (next_["entrant"], next_["score"]) == (ids[1], 35)
    assert next_["signals"][0]["text"] == "Аккаунт создан за 2 дня до открытия конкурса."
    narrowed = await owner.get(f"{url}/signals", params={"signal": "adjacent_ids", "at_least": 0})
    assert [each["entrant"] for each in items(narrowed)] == [ids[0]]
    few = await owner.get(f"{url}/entrants", params={"score_at_least": 36})
    assert [each["id"] for each in items(few)] == [ids[0]]
    wrong = await owner.get(f"{url}/signals", params={"signal": "karma"})
    assert "account_age" in faults(wrong)["/signal"]
    problem(await owner.get(f"{url}/signals", params={"after": "?"}), 400, "malformed")


async def test_weights_are_tried_out_before_they_are_set(
    owner: httpx.AsyncClient, stage: Stage
) -> None:
    _, url, ids = await _scene(stage)
    seen = done(await owner.get(f"{url}/signals/preview", params={"threshold": 30}))
    assert (seen["valid"], seen["falling"], seen["unmeasured"]) == (3, 2, 0)
    assert (seen["new"], seen["new_falling"], seen["signals"]["account_age"]) == (2, 2, 2)
    weights = ["account_age:0", "empty_profile:10"]
    seen = done(
        await owner.get(f"{url}/signals/preview", params={"weights": weights, "threshold": 60})
    )
    assert [(each["entrant"], each["score"]) for each in seen["items"]] == [(ids[0], 67)]
    wrong = await owner.get(f"{url}/signals/preview", params={"weights": ["burst", "burst:-1"]})
    assert set(faults(wrong)) == {"/weights/0", "/weights/1"}
    wrong = await owner.get(
        f"{url}/signals/preview", params={"weights": ["karma:5", "burst:900"], "threshold": 0}
    )
    assert set(faults(wrong)) == {"/threshold", "/weights/karma", "/weights/burst"}

    before = done(await owner.get("/v1/signals"))
    assert (before["threshold"], len(before["signals"])) == (60, len(scores.SIGNALS))
    body = {"threshold": 30, "weights": {"account_age": 20}}
    after = done(await owner.put("/v1/signals", json=body))
    assert (after["threshold"], after["signals"][0]["weight"]) == (30, 20)
    assert after["signals"][0]["usual_weight"] == 35
    assert after["note"] == "Signals flag; only published rules exclude."
    report = done(await owner.get(f"{url}/signals/report"))
    assert (report["accounts"], report["flagged"], report["held"]) == (3, 2, 0)
    assert report["ages"] == {"known": 3, "new": 2}
    assert [band["entrants"] for band in report["bands"]] == [1, 0, 0, 1, 0, 0, 0, 0, 1, 0]
    log = items(await owner.get("/v1/audit"))
    assert "signals.settings_changed" in {each["action"] for each in log}


async def test_who_is_held_is_on_record_and_can_be_undone(
    owner: httpx.AsyncClient, stage: Stage
) -> None:
    _, url, ids = await _scene(stage, holding={})
    body = {"threshold": 60, "expected": 2, "reason": "suspected-bot"}
    problem(await owner.post(f"{url}/quarantines/by-score", json=body), 409, "preview_outdated")
    body |= {"expected": 1, "note": "a farm"}
    done_ = done(await owner.post(f"{url}/quarantines/by-score", json=body))
    assert done_["entrants"] == 1
    (held,) = items(await owner.get(f"{url}/quarantines", params={"held": True}))
    assert (held["entrant_id"], held["score"], held["note"]) == (ids[0], 82, "a farm")
    assert (held["cause"], held["batch"]) == ("person", done_["batch"])
    undo = f"{url}/quarantines/batches/{done_['batch']}/undo"
    assert done(await owner.post(undo, json={"reason": "mistake"}))["entrants"] == 1
    (was,) = items(await owner.get(f"{url}/quarantines", params={"entrant": ids[0]}))
    assert (was["release_reason"], was["released_by"]) == ("mistake", held["held_by"])
    wrong = await owner.post(
        f"{url}/quarantines", json={"entrants": [], "reason": "other", "note": "x" * 501}
    )
    assert set(faults(wrong)) == {"/entrants", "/note"}
    one = {"entrants": [ids[1]], "reason": "complaint"}
    assert done(await owner.post(f"{url}/quarantines", json=one))["entrants"] == 1
    gone = {"entrants": [ids[1], ids[2]], "reason": "checked"}
    assert done(await owner.post(f"{url}/quarantines/release", json=gone))["entrants"] == 1
    log = items(await owner.get("/v1/audit"))
    details = [each["detail"] for each in log if each["action"].startswith("quarantine.")]
    assert len(details) == 4
    assert not any(id_ in str(details) for id_ in ids)  # how many, not who


async def test_a_threshold_with_faults_is_no_rule(owner: httpx.AsyncClient, stage: Stage) -> None:
    contest = await stage.draft()
    body = {"definition": {"holding": {"threshold": 0, "weights": {"karma": 1}, "version": 9}}}
    answer = await owner.patch(f"/v1/contests/{contest.id}", json=body)
    if answer.status_code == 200:  # a draft may have faults until it starts
        answer = await owner.post(f"/v1/contests/{contest.id}/start")
    assert {pointer for pointer in faults(answer) if "holding" in pointer} == {
        "/definition/holding/threshold",
        "/definition/holding/weights/karma",
        "/definition/holding/version",
    }
