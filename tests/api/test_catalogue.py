"""The catalogue: what rules can ask for, and which platform can tell it."""

from typing import Any

import httpx
import jsonschema

from api.answers import created, done, faults
from api.staged import definition
from contest_service.domain.catalogue import every_kind, name_of


def told(catalogue: dict[str, Any], platform: str, connection: str) -> dict[str, str]:
    """How each kind is told there, by kind."""
    (matrix,) = [each for each in catalogue["platforms"] if each["platform"] == platform]
    (found,) = [each for each in matrix["connections"] if each["name"] == connection]
    return {kind: each["how"] for kind, each in found["told"].items()}


async def test_everybody_reads_the_same_catalogue(
    auditor: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    catalogue = done(await auditor.get("/v1/catalogue"))
    public = await api.get("/public/catalogue.json")
    assert done(public) == catalogue
    assert public.headers["access-control-allow-origin"] == "*"
    assert {kind["kind"] for kind in catalogue["kinds"]} == {*map(name_of, every_kind())}
    for kind in catalogue["kinds"]:
        jsonschema.Draft202012Validator.check_schema(kind["schema"])
        jsonschema.validate(kind["example"]["condition"], kind["schema"])


async def test_the_matrix_says_what_each_platform_tells_with_what_is_connected(
    api: httpx.AsyncClient,
) -> None:
    catalogue = done(await api.get("/public/catalogue.json"))
    bare = told(catalogue, "vk", "community_token")
    service = told(catalogue, "vk", "service_token")
    best = told(catalogue, "vk", "administrator")
    bluesky = told(catalogue, "bluesky", "app_password")
    for each in (bare, service, best, bluesky):
        assert set(each) == {name_of(kind) for kind in every_kind()}
        assert (each["entered"], each["not_listed"], each["not_past_winner"]) == ("ours",) * 3
    assert [each["reposted"] for each in (bare, service, best)] == ["live", "live", "listed"]
    assert [each["liked"] for each in (bare, service, best)] == ["live", "listed", "listed"]
    assert {each["quoted"] for each in (bare, service, best)} == {"never"}
    assert (best["not_staff"], bluesky["not_staff"]) == ("asked", "never")
    assert (best["account_age"], bluesky["account_age"]) == ("never", "asked")
    assert (bluesky["quoted"], bluesky["follows"], bluesky["city"]) == ("listed", "asked", "never")


def draft(*asked: dict[str, Any]) -> dict[str, Any]:
    rules = {"kind": "all_of", "of": list(asked)}
    return {"practice": True, "definition": definition(rules=rules)}


async def test_every_example_is_accepted_in_a_contest(owner: httpx.AsyncClient) -> None:
    catalogue = done(await owner.get("/v1/catalogue"))
    own = created(await owner.post("/v1/lists", json={"name": "Staff"}))
    asked = [kind["example"]["condition"] for kind in catalogue["kinds"]]
    for each in asked:
        if each["kind"] == "not_listed":
            each["list_id"] = own["id"]
    made = created(await owner.post("/v1/contests", json=draft(*asked)))
    assert made["definition"]["rules"]["of"] == asked


async def test_what_a_condition_cannot_ask_is_named_at_its_place(
    owner: httpx.AsyncClient,
) -> None:
    staff = {"kind": "not_staff", "moment": "once"}
    comments = {"kind": "commented", "posts": 0}
    unshaped = await owner.post("/v1/contests", json=draft({"kind": "liked", "moment": "now"}))
    assert set(faults(unshaped)) == {"/definition/rules/of/0/moment"}
    answer = await owner.post("/v1/contests", json=draft({"kind": "liked"}, staff, comments))
    assert faults(answer) == {
        "/definition/rules/of/1/moment": "must be one of close, draw",
        "/definition/rules/of/2/posts": "must lie between 1 and 20",
    }
