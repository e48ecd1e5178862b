"""The demo's story: a contest from its definition to a verified bundle, told as it happens.

Everything is done through the API, as a person with a token would do it; beside that only the
sandbox is asked, for what really happened. Whatever is not as it should be ends the story.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from contest_service.cli.api_calls import Api
from contest_service.cli.launch import Launched
from contest_service.cli.sample import sample
from contest_service.cli.truth import Truth, differences, read_truth, told_how, verdicts
from contest_service.domain.contest import Definition
from contest_service.domain.errors import ContestError
from contest_service.sandbox_client import SandboxClient, open_sandbox

_PATIENCE = 180.0
"""Seconds beyond the draw's planned time; postponements take some of them."""
_LOOK_EVERY = 0.5
_TELL_EVERY = 10.0
_GOOD_PRACTICE = 3
"""The verifier's exit status for a practice draw that is in order."""
_SHOWN = 5
_WATERMARK = "ТРЕНИРОВКА"
_ORDER = ("running", "closing", "frozen", "drawn", "announced")
_LOST = frozenset({"void", "cancelled"})


class Story:
    """One contest's life."""

    def __init__(self, launched: Launched, options: argparse.Namespace, folder: Path) -> None:
        self._settings = launched.settings
        self._api = Api(launched.settings, launched.secret or "")
        self._options = options
        self._folder = folder
        self._began = time.monotonic()
        self._contest: dict[str, Any] = {}
        self._owner = self._post = 0

    async def tell(self) -> None:
        """Live through it. Raises ContestError or PlatformError for what went wrong."""
        self._say("Everything runs.")
        async with open_sandbox(self._settings.practice_vk) as sandbox:
            if sandbox is None:
                raise ContestError("The sandbox is off.")
            await self._begin()
            await self._watch(sandbox)
            await self._compare(sandbox)
            winners = await self._name_winners()
            await self._read_wall(sandbox, winners)
            await self._see_them_told(sandbox, winners)
        await self._verify()
        self._say("All is as it should be.")

    def _say(self, text: str) -> None:
        print(f"{time.monotonic() - self._began:6.1f} s  {text}", flush=True)

    async def _begin(self) -> None:
        definition = sample(datetime.now(UTC))
        body = {"definition": definition}
        draft = await self._api.post("/contests", msgspec.json.encode(body))
        self._say(f"A contest is defined: “{definition.title}”.")
        wish = {name: getattr(self._options, name) for name in ("seconds", "people", "seed")}
        started = await self._api.post(
            f"/contests/{draft['id']}/dry-run", msgspec.json.encode(wish)
        )
        self._contest = started
        (post,) = (await self._api.get(f"{self._path}/posts"))["items"]
        owner, _, number = post["ref"].partition("_")
        self._owner, self._post = int(owner), int(number)
        closes_in = datetime.fromisoformat(started["closes_at"]) - datetime.now(UTC)
        self._say(
            f"Its dry run has begun, with {self._options.people} people around {post['url']}; "
            f"it closes in {closes_in.total_seconds():.0f} s."
        )
        self._say(f"Everybody can read it: {self._settings.public_url}/public{self._path}")

    @property
    def _path(self) -> str:
        return f"/contests/{self._contest['id']}"

    async def _watch(self, sandbox: SandboxClient) -> None:
        """Follow the contest to its announcement."""
        status, told_at = "running", time.monotonic()
        deadline = time.monotonic() + self._options.seconds + _PATIENCE
        while status != "announced":
            if time.monotonic() > deadline:
                raise ContestError(f"The contest is still {status}; it waits for too long.")
            await asyncio.sleep(_LOOK_EVERY)
            self._contest = await self._api.get(self._path)
            reached = self._contest["status"]
            if reached in _LOST:
                raise ContestError(f"The contest is {reached}: {self._contest['void_reason']}.")
            if status == "running" and time.monotonic() - told_at > _TELL_EVERY:
                told_at = time.monotonic()
                await self._tell_progress(sandbox)
            for passed in _ORDER[_ORDER.index(status) + 1 : _ORDER.index(reached) + 1]:
                await self._tell_step(passed)
            status = reached

    async def _tell_progress(self, sandbox: SandboxClient) -> None:
        truth = await read_truth(sandbox, self._owner, self._post)
        scans = len((await self._api.get(f"{self._path}/scans", limit=200))["items"])
        self._say(
            f"On the wall: {len(truth.likes)} likes, {len(truth.reposts)} reposts and "
            f"{truth.undone} taken back, {len(truth.comments)} comments. "
            f"The service knows, from {scans} scans: {await self._counts()}."
        )

    async def _counts(self) -> str:
        found = (await self._api.get(f"{self._path}/entrants/counts"))["items"]
        states: dict[str, int] = {}
        for each in found:
            states[each["state"]] = states.get(each["state"], 0) + each["entrants"]
        said = [f"{count} {state.replace('_', ' ')}" for state, count in sorted(states.items())]
        return ", ".join(said) or "nobody yet"

    async def _tell_step(self, status: str) -> None:
        match status:
            case "closing":
                self._say("Closed: everything is read once more, and everybody judged anew.")
            case "frozen":
                freeze = await self._api.get(f"{self._path}/freeze")
                self._say(
                    f"Frozen: {freeze['entries']} entries of {await self._counts()}; the hash "
                    f"{freeze['hash'][:16]}… is under the post, before round {freeze['round']}."
                )
            case "drawn":
                draw = await self._api.get(f"{self._path}/draw")
                self._say(f"Drawn from round {draw['round']}: {draw['randomness'][:16]}…")
            case _:
                self._say("The result is published under the post.")

    async def _compare(self, sandbox: SandboxClient) -> None:
        """Hold all verdicts against what people really did."""
        truth = await read_truth(sandbox, self._owner, self._post)
        definition = msgspec.convert(self._contest["definition"], Definition)
        expected = verdicts(truth, definition.schedule.closes_at)
        entrants = [each async for each in self._api.pages(f"{self._path}/entrants")]
        wrong = differences(expected, entrants)
        if wrong:
            more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
            raise ContestError(f"Verdicts are wrong: {'; '.join(wrong[:_SHOWN])}{more}.")
        self._say(_compared(expected, truth))

    async def _name_winners(self) -> list[str]:
        draw = await self._api.get(f"{self._path}/draw")
        winners = []
        for slot in (slot for slots in draw["final"] for slot in slots):
            if slot["commitment"] is None:
                self._say(f"Nobody is left to win: {slot['prize']}")
                continue
            if not slot["label"]:
                raise ContestError(f"The winner {slot['entry']} has no name, and should have one.")
            self._say(f"{slot['label']} wins: {slot['prize']}")
            winners.append(slot["label"])
        return winners

    async def _read_wall(self, sandbox: SandboxClient, winners: list[str]) -> None:
        """Read under the post what the service published there."""
        told = await sandbox.look("post", owner_id=self._owner, post_id=self._post)
        ours = [said["text"] for said in told["comments"] if said["from_id"] == self._owner]
        results = [text for text in ours if all(winner in text for winner in winners)]
        if not results or not all(text.startswith(_WATERMARK) for text in ours):
            raise ContestError(f"The result does not stand under the post, but {ours}.")
        self._say(f"Under the post stand {len(ours)} announcements, marked as practice.")

    async def _see_them_told(self, sandbox: SandboxClient, winners: list[str]) -> None:
        """Wait until every winner is told, and look at what they see of it."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            told = [each async for each in self._api.pages(f"{self._path}/notices")]
            if not any(each["state"] == "due" for each in told):
                break
            if time.monotonic() > deadline:
                raise ContestError("The winners have not been told; it takes too long.")
            await asyncio.sleep(_LOOK_EVERY)
        if {each["label"] for each in told} != set(winners):
            raise ContestError(f"Others were told than those who won: {told}")
        for each in told:
            seen = await told_how(sandbox, self._owner, self._post, notice=each)
            if each["how"] != seen:
                raise ContestError(f"{each['label']} should know {seen}, but it says {each}")
        hows = [each["how"] for each in told]
        said = [f"{hows.count(how)} by {how}" for how in dict.fromkeys(sorted(hows))]
        self._say(f"The winners were told: {', '.join(said)}.")

    async def _verify(self) -> None:
        """Check the bundle in an interpreter that has nothing of ours but the verifier."""
        bundle = self._folder / "bundle.zip"
        await self._api.download(f"{self._path}/bundle?edition=dispute", bundle)
        with resources.as_file(resources.files("contest_service.proof")) as proof:
            said = await asyncio.to_thread(_run_verifier, proof / "verify.py", bundle)
        if said.get("outcome") != "result":
            raise ContestError(f"The bundle does not hold: {said}")
        size = bundle.stat().st_size / 1024
        self._say(f"The audit bundle ({size:.0f} KiB) holds, checked by verify.py alone.")


def _run_verifier(verifier: Path, bundle: Path) -> dict[str, Any]:
    command = [sys.executable, "-I", "-S", str(verifier), "--practice", "--json", str(bundle)]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - our own program
    if done.returncode != _GOOD_PRACTICE:
        raise ContestError(
            f"verify.py ends with {done.returncode}: {(done.stdout + done.stderr).decode()}"
        )
    return dict(json.loads(done.stdout))


def _compared(expected: dict[int, str], truth: Truth) -> str:
    states = list(expected.values())
    return (
        f"All {len(states)} verdicts are what people really did: {states.count('valid')} fulfil "
        f"the rules, {states.count('cannot_verify')} may have, behind closed profiles; "
        f"{truth.undone} reposts were taken back."
    )
