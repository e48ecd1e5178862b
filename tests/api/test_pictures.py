"""Pictures of prizes by API: uploaded, named in a definition, shown in public."""

from typing import Any

import httpx
from web import hostile

from api.answers import created, done, faults, problem
from api.staged import Stage, definition
from contest_service.flows.pictures import FAULTS

PNG = {"Content-Type": "image/png"}


async def uploaded(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.post("/v1/pictures", content=hostile.picture(), headers=PNG)
    return created(answer)


def pictured(sha256: str) -> dict[str, Any]:
    picture = {"sha256": sha256, "text": "A blue mug"}
    tier = {"id": "mug", "prize": "A mug", "winners": 1, "picture": picture}
    return {"draws": [{"tiers": [tier]}]}


async def test_a_picture_is_uploaded_once_named_and_printed_in_the_terms(
    editor: httpx.AsyncClient, api: httpx.AsyncClient, stage: Stage
) -> None:
    kept = await uploaded(editor)
    assert await uploaded(editor) == kept
    assert (kept["media_type"], kept["width"], kept["height"]) == ("image/webp", 64, 48)
    assert kept["url"].endswith(f"/pictures/{kept['sha256']}")
    assert (await api.get(f"/pictures/{kept['sha256']}")).status_code == 200
    contest = await stage.start(await stage.draft(**pictured(kept["sha256"])))
    public = done(await api.get(f"/public/contests/{contest.id}"))
    terms = done(await api.get(public["terms"][0]["url"]))
    for said in (public["draws"], terms["rules"]["draws"]):
        picture = {"sha256": kept["sha256"], "text": "A blue mug"}
        assert said[0]["tiers"][0]["picture"] == picture


async def test_a_picture_that_is_not_the_workspaces_is_refused(
    owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    theirs = await uploaded(stranger)
    for sha256 in (theirs["sha256"], "0" * 64):
        body = {"definition": definition(**pictured(sha256)), "practice": True}
        answer = await owner.post("/v1/contests", json=body)
        problem(answer, 422, "invalid")
        assert "/definition/draws/0/tiers/0/picture/sha256" in faults(answer)


async def test_what_is_no_picture_is_refused_with_a_way_out(owner: httpx.AsyncClient) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
    answer = await owner.post("/v1/pictures", content=svg, headers=PNG)
    assert faults(answer) == {"/picture": FAULTS["vector"]}
    typed = {"Content-Type": "image/svg+xml"}
    problem(
        await owner.post("/v1/pictures", content=svg, headers=typed), 415, "unsupported_media_type"
    )
