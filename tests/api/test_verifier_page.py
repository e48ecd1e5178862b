"""The browser verifier as it is served: its own strict policy, the bytes that terms vouch for."""

import hashlib

import httpx

from api.answers import done
from api.staged import Stage


async def test_it_is_served_under_the_policy_that_it_carries(api: httpx.AsyncClient) -> None:
    answer = await api.get("/verify.html")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    carried, _, ancestors = policy.rpartition("; ")
    assert ancestors == "frame-ancestors 'none'"
    assert f'content="{carried}"' in answer.text
    allowed = dict(part.split(" ", 1) for part in policy.split("; "))
    assert allowed["default-src"] == "'none'"
    assert allowed["worker-src"] == "blob:"
    assert allowed["script-src"].startswith("'sha256-")
    assert "connect-src" not in allowed


async def test_the_terms_of_every_contest_name_its_hash(
    api: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await stage.start(await stage.draft())
    page = await api.get("/verify.html")
    seen = done(await api.get(f"/public/contests/{contest.id}"))
    terms = (await api.get(seen["terms"][0]["url"])).json()
    named = {each["name"]: each["sha256"] for each in terms["verifiers"]}
    assert named["verify.html"] == hashlib.sha256(page.content).hexdigest()
    assert set(named) == {"verify.html", "verify.py"}
