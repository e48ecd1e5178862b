"""Workspaces, persons and tokens."""

import httpx


async def test_me_says_who_the_token_speaks_for(owner: httpx.AsyncClient) -> None:
    answer = await owner.get("/v1/me")
    assert answer.status_code == 200, answer.text
    assert answer.json()["role"] == "owner"


