"""VK ID: consent, the exchange of a code with PKCE, refreshing, profiles, the end of a session."""

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from sandbox.vk.stage import ANNA, GLEB, Refused, Stage

BACK = "http://127.0.0.1:9/back"
VERIFIER = "v" * 64
_CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode()[:43]


async def _app(stage: Stage) -> int:
    return int((await stage.make("apps", title="Розыгрыши", redirect_uris=[BACK]))["id"])


def _request(app_id: int, **change: Any) -> dict[str, Any]:
    return {
        "response_type": "code",
        "client_id": app_id,
        "redirect_uri": BACK,
        "state": "st",
        "scope": "vkid.personal_info wall groups",
        "code_challenge": _CHALLENGE,
        "code_challenge_method": "s256",
        **change,
    }


async def _consent(stage: Stage, app_id: int, person: object = ANNA) -> dict[str, str]:
    """Consent as a person and return what the browser is sent back with."""
    form = {**_request(app_id), "person_id": person}
    answer = await stage.client.post("/authorize", data=form)
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(f"{BACK}?")
    return {
        name: values[0]
        for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()
    }


async def _auth(stage: Stage, **given: Any) -> Any:
    return (await stage.client.post("/oauth2/auth", data={"state": "s2", **given})).json()


async def _exchange(stage: Stage, app_id: int, back: dict[str, str], **change: Any) -> Any:
    given = {
        "grant_type": "authorization_code",
        "client_id": app_id,
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
        "device_id": back["device_id"],
        "code": back["code"],
    }
    return await _auth(stage, **{**given, **change})


async def _refresh(stage: Stage, app_id: int, back: dict[str, str], token: str) -> Any:
    return await _auth(
        stage,
        grant_type="refresh_token",
        client_id=app_id,
        device_id=back["device_id"],
        refresh_token=token,
    )


async def test_the_page_shows_who_may_consent(stage: Stage) -> None:
    app_id = await _app(stage)
    page = await stage.client.get("/authorize", params=_request(app_id))
    assert page.status_code == 200
    for words in (
        "Розыгрыши",
        "Анна Белова (id1001)",
        "Глеб Носов",
        "vkid.personal_info wall groups",
    ):
        assert words in page.text
    hostile = _request(app_id, state='"><script>')
    assert "<script>" not in (await stage.client.get("/authorize", params=hostile)).text


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": 1},
        {"client_id": "x"},
        {"redirect_uri": "http://127.0.0.1:9/elsewhere"},
        {"response_type": "token"},
        {"code_challenge": ""},
        {"code_challenge_method": "plain"},
    ],
)
async def test_a_wrong_request_for_consent_leads_nowhere(
    stage: Stage, change: dict[str, Any]
) -> None:
    asked = _request(await _app(stage), **change)
    for answer in (
        await stage.client.get("/authorize", params=asked),
        await stage.client.post("/authorize", data={**asked, "person_id": ANNA}),
    ):
        assert answer.status_code == 400
        assert "location" not in answer.headers


async def test_consent_comes_back_with_a_code_and_the_device(stage: Stage) -> None:
    back = await _consent(stage, await _app(stage))
    assert (back["state"], back["type"], back["expires_in"]) == ("st", "code_v2", "600")
    assert back["code"]
    assert back["device_id"]


async def test_a_refusal_comes_back_as_one(stage: Stage) -> None:
    back = await _consent(stage, await _app(stage), "")
    assert (back["error"], back["state"]) == ("access_denied", "st")
    assert "code" not in back


async def test_a_code_buys_a_token_for_an_hour(stage: Stage) -> None:
    app_id = await _app(stage)
    keys = await _exchange(stage, app_id, await _consent(stage, app_id))
    assert (keys["user_id"], keys["expires_in"], keys["token_type"]) == (ANNA, 3600, "Bearer")
    assert (keys["state"], keys["scope"]) == ("s2", "vkid.personal_info wall groups")
    (me,) = await stage.call("users.get", keys["access_token"])
    assert me["id"] == ANNA
    stage.clock.now += 3600
    with pytest.raises(Refused) as refused:
        await stage.call("users.get", keys["access_token"])
    assert refused.value.code == 5


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"code_verifier": "w" * 64}, "invalid_grant"),
        ({"code_verifier": "v" * 42}, "invalid_grant"),
        ({"device_id": "other"}, "invalid_grant"),
        ({"code": "other"}, "invalid_grant"),
        ({"redirect_uri": "http://127.0.0.1:9/elsewhere"}, "invalid_request"),
        ({"client_id": 5}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
async def test_a_wrong_exchange_buys_nothing(
    stage: Stage, change: dict[str, Any], error: str
) -> None:
    app_id = await _app(stage)
    refused = await _exchange(stage, app_id, await _consent(stage, app_id), **change)
    assert (refused["error"], refused["state"]) == (error, "s2")
    assert "access_token" not in refused


async def test_a_code_is_good_once_and_for_ten_minutes(stage: Stage) -> None:
    app_id = await _app(stage)
    back = await _consent(stage, app_id)
    await _exchange(stage, app_id, back)
    assert (await _exchange(stage, app_id, back))["error"] == "invalid_grant"
    back = await _consent(stage, app_id)
    stage.clock.now += 600
    assert (await _exchange(stage, app_id, back))["error"] == "invalid_grant"


async def test_refresh_tokens_rotate(stage: Stage) -> None:
    app_id = await _app(stage)
    back = await _consent(stage, app_id)
    first = await _exchange(stage, app_id, back)
    stage.clock.now += 4000
    second = await _refresh(stage, app_id, back, first["refresh_token"])
    assert second["refresh_token"] != first["refresh_token"]
    await stage.call("users.get", second["access_token"])
    reused = await _refresh(stage, app_id, back, first["refresh_token"])
    assert reused["error"] == "invalid_grant"
    wrong = {**back, "device_id": "other"}
    refused = await _refresh(stage, app_id, wrong, second["refresh_token"])
    assert refused["error"] == "invalid_grant"
    third = await _refresh(stage, app_id, back, second["refresh_token"])
    assert third["scope"] == first["scope"]
    stage.clock.now += 180 * 86_400
    late = await _refresh(stage, app_id, back, third["refresh_token"])
    assert late["error"] == "invalid_grant"


async def test_parameters_may_stand_in_the_query_and_the_body(stage: Stage) -> None:
    app_id = await _app(stage)
    back = await _consent(stage, app_id)
    query = {
        "grant_type": "authorization_code",
        "client_id": app_id,
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
        "device_id": back["device_id"],
    }
    answer = await stage.client.post("/oauth2/auth", params=query, data={"code": back["code"]})
    assert answer.json()["user_id"] == ANNA
    assert (await stage.client.get("/oauth2/auth", params=query)).status_code == 405


async def test_profiles_are_told_by_token_and_by_id_token(stage: Stage) -> None:
    app_id = await _app(stage)
    keys = await _exchange(stage, app_id, await _consent(stage, app_id, GLEB))
    given = {"client_id": app_id}
    answer = await stage.client.post(
        "/oauth2/user_info", params=given, data={"access_token": keys["access_token"]}
    )
    user = answer.json()["user"]
    assert (user["user_id"], user["first_name"], user["birthday"]) == (
        str(GLEB),
        "Глеб",
        "1.2.1990",
    )
    assert {"phone", "email"}.isdisjoint(user)
    answer = await stage.client.post(
        "/oauth2/public_info", params=given, data={"id_token": keys["id_token"]}
    )
    assert answer.json()["user"]["last_name"] == "Н."
    for path, name in [("user_info", "access_token"), ("public_info", "id_token")]:
        answer = await stage.client.post(f"/oauth2/{path}", params=given, data={name: "wrong"})
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_token")


async def test_logging_out_ends_the_session_and_its_keys(stage: Stage) -> None:
    app_id = await _app(stage)
    back = await _consent(stage, app_id)
    first = await _exchange(stage, app_id, back)
    second = await _refresh(stage, app_id, back, first["refresh_token"])
    answer = await stage.client.post(
        "/oauth2/logout",
        params={"client_id": app_id},
        data={"access_token": second["access_token"]},
    )
    assert answer.json() == {"response": 1}
    for keys in (first, second):
        with pytest.raises(Refused) as refused:
            await stage.call("users.get", keys["access_token"])
        assert refused.value.code == 5
    refreshed = await _refresh(stage, app_id, back, second["refresh_token"])
    assert refreshed["error"] == "invalid_grant"
    other = await _exchange(stage, app_id, await _consent(stage, app_id))
    await stage.call("users.get", other["access_token"])


async def test_an_application_has_a_service_token(stage: Stage) -> None:
    made = await stage.make("apps", title="Розыгрыши", redirect_uris=[BACK])
    assert await stage.likers(made["service_token"]) == []
