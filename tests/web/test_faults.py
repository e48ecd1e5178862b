"""Pages for what goes wrong: for persons in their language, for programs as problems."""

import httpx
import pytest

from contest_service.web.page import CONTENT_POLICY
from web.conftest import Visit

PERSON = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize("path", ["/nowhere", "/static/nothing.css"])
async def test_an_address_that_nobody_has_is_a_page_for_persons(
    api: httpx.AsyncClient, path: str
) -> None:
    answer = await api.get(path, headers=PERSON | {"Accept-Language": "ru"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "Здесь ничего нет" in answer.text


@pytest.mark.parametrize("path", ["/v1/nowhere", "/public/nowhere", "/livez/more"])
async def test_for_programs_it_stays_a_problem(api: httpx.AsyncClient, path: str) -> None:
    answer = await api.get(path, headers=PERSON)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("application/problem+json")
    plain = await api.get("/nowhere")
    assert plain.headers["content-type"].startswith("application/problem+json")


async def test_the_language_is_switched_by_the_address_and_kept(api: httpx.AsyncClient) -> None:
    switched = await api.get("/nowhere?lang=ru&x=1", headers=PERSON | {"Accept-Language": "en"})
    assert "Здесь ничего нет" in switched.text
    assert "?x=1&amp;lang=en" in switched.text
    api.cookies = switched.cookies
    kept = await api.get("/nowhere", headers=PERSON | {"Accept-Language": "en"})
    assert "Здесь ничего нет" in kept.text


@pytest.mark.parametrize("count", [51, 2000])
async def test_an_address_may_say_much(api: httpx.AsyncClient, count: int) -> None:
    query = "&".join(f"x={number}" for number in range(count))
    answer = await api.get(f"/nowhere?{query}", headers=PERSON)
    assert answer.status_code == 404
    assert f"x={count - 1}&amp;lang=ru" in answer.text


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("phone", [False, True])
async def test_it_is_readable_for_everybody(visit: Visit, *, phone: bool, dark: bool) -> None:
    for language in ("en", "ru"):
        seen = await visit("/nowhere", phone=phone, dark=dark, language=language)
        await seen.shot("fault-404")
        assert await seen.axe() == []
        assert not await seen.overflows()


async def test_every_page_has_the_policy(api: httpx.AsyncClient) -> None:
    headers = (await api.get("/nowhere", headers=PERSON)).headers
    assert headers["content-security-policy"] == CONTENT_POLICY
    assert "unsafe" not in CONTENT_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert headers["cache-control"] == "no-store"


async def test_the_policy_stops_inline_code_and_other_sites(visit: Visit) -> None:
    seen = await visit("/nowhere")
    tried = """async () => {
        const broken = [];
        document.addEventListener('securitypolicyviolation',
            (event) => broken.push(event.effectiveDirective));
        await fetch('http://127.0.0.1:9/').catch(() => {});
        const script = document.createElement('script');
        script.textContent = 'window.intruder = 1';
        const style = document.createElement('style');
        style.textContent = 'body { color: red; }';
        document.body.append(script, style);
        await new Promise((done) => setTimeout(done, 100));
        return [broken.sort(), window.intruder ?? null];
    }"""
    stopped = ["connect-src", "script-src-elem", "style-src-elem"]
    assert await seen.page.evaluate(tried) == [stopped, None]
    assert seen.complaints
    seen.complaints.clear()
