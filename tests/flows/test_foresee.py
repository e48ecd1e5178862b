"""What is said of a contest's conditions before it starts."""

from pathlib import Path
from typing import Any

import pytest

from contest_service.domain.conditions import Language
from contest_service.domain.errors import InvalidError
from contest_service.flows import life
from contest_service.flows.foresee import foresee
from flows.made_up import PAGE, connected, drafted
from flows.stage import open_stage

HERE, ELSEWHERE = {"id": PAGE, "name": "Page"}, {"id": "did:plc:cakes", "name": "Cakes"}
ASKED = [
    {"kind": "liked"},
    {"kind": "follows", "communities": [HERE, ELSEWHERE]},
    {"kind": "follows", "communities": [HERE, ELSEWHERE], "every": True},
    {"kind": "follows", "communities": [ELSEWHERE]},
    {"kind": "follows", "moment": "whole_time"},
    {"kind": "liked", "moment": "once"},
    {"kind": "not_staff"},
    {"kind": "entered"},
    {"kind": "not_past_winner", "days": 30},
    {"kind": "region", "name": "R", "cities": ["C"]},
]


async def test_each_condition_is_told_of_with_what_cannot_be_known_of_it(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        rules = {"kind": "all_of", "of": ASKED}
        contest = await drafted(stage, await connected(stage), rules=rules)
        async with stage.transaction() as conn:
            told = await foresee(conn, stage.rt, contest)
            in_russian = await foresee(conn, stage.rt, contest, language=Language.RUSSIAN)
        assert [each.at for each in in_russian] == [each.at for each in told]
        for each in in_russian:
            for said in (each.note, each.mend):
                assert not said or any("а" <= char <= "я" for char in said), said
        never = {each.at: each.note for each in told if each.is_never}
        assert never == {
            "/rules/of/2": "No post of the contest is by Cakes.",
            "/rules/of/3": "No post of the contest is by Cakes.",
            "/rules/of/6": "Bluesky does not tell who helps to run the community.",
            "/rules/of/9": "Profiles on Bluesky do not tell it.",
        }
        spots = {(each.at, each.note[:31]) for each in told if not each.is_never}
        assert spots == {
            ("/rules/of/4", "What is done and undone between"),
            ("/rules/of/4", "Nobody is asked about before th"),
            ("/rules/of/5", "What is done and undone between"),
        }
        async with stage.transaction() as conn:
            with pytest.raises(InvalidError) as refused:
                await life.start_contest(conn, stage.rt, stage.actor, contest.id, now=stage.now())
        assert {each.pointer for each in refused.value.faults} == {
            f"/definition{at}" for at in never
        }
