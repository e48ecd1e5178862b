"""VK: three lists over a wire with its limits, and a million likes without any.

The practice VK runs in a process of its own (`vk_town`), the worker in another (`vk_scan`), and so
does each peer (`vk_peers`). What the worker stored is checked against the sandbox's truth
(`vk_check`) after every run.
"""

from statistics import median
from typing import Any

from benchmarks import fresh
from benchmarks.ground import Ground
from benchmarks.table import MIB, Line
from benchmarks.vk_scan import CHANGED
from benchmarks.vk_town import Sizes, Town, town

FULL_SIZE = 1_000_000
"""Likes of the large list; the one on a wire has a tenth of them."""
RATE = 3
"""Requests of a user's token in a second."""
BUNDLE = 25
WIRE_TARGET, FREE_TARGET = 1.15, 1.5
ACTIONS_A_SECOND = 100_000
MOST_MEMORY = 300 * MIB

_WIRE: dict[str, Any] = {
    "limits": {"user": RATE},
    "latency": {"answer": 120, "inner_call": 15},
}
_FREE: dict[str, Any] = {"limits": {"user": 0, "service": 0, "group": 0}, "latency": {}}
_CHURNS = {
    "three come, one leaves": {"arrivals": 3, "removals": 1},
    "one comes, three leave": {"arrivals": 1, "removals": 3},
}


async def lines(ground: Ground, size: int) -> list[Line]:
    """Measure the wire with both churns, and the large list."""
    is_full = size >= FULL_SIZE
    sizes = Sizes(likes=size // 10, copies=size // 20, comments=size // 20)
    found = [
        await _wire(ground, sizes, name, churn, is_full=is_full) for name, churn in _CHURNS.items()
    ]
    return [*found, *await _large(ground, Sizes(likes=size), is_full=is_full)]


async def _wire(
    ground: Ground, sizes: Sizes, name: str, churn: dict[str, int], *, is_full: bool
) -> Line:
    settings = {**_WIRE, "churn": {"likes": churn}}
    runs, bare, tools = [], [], []
    for _ in range(ground.runs):
        runs.append(await _scan(ground, sizes, settings))
        async with town(sizes) as opened:
            bare.append(await _peer("fetch", opened, sizes, settings, rate=RATE))
            tools.append(await _peer("vk_api", opened, sizes, settings))
    floor = -(-sizes.fewest_calls // BUNDLE) / RATE
    most = max(run.values["traffic"]["most_in_a_second"] for run in runs)
    refused = sum(run.values["traffic"]["refused"] for run in runs)
    seconds = [run.values["first"] for run in runs]
    return Line(
        what=f"VK's three lists, {name}",
        size=f"{sizes.likes + sizes.copies + sizes.comments:,} actions",
        seconds=seconds,
        peak=max(run.peak for run in runs),
        target=WIRE_TARGET * floor if is_full else None,
        floor=floor,
        floor_is=f"the quota's: {sizes.fewest_calls} calls, {BUNDLE} in each of {RATE} requests "
        "a second",
        note=f"{_ratios(seconds, floor)} of the floor; {_calls(runs[0])}; at most {most} requests "
        f"in any second{' (THE LIMIT WAS EXCEEDED)' * (most > RATE)}, {refused} refused. "
        f"{_peers(bare, tools, sizes)}",
    )


def _ratios(seconds: list[float], floor: float) -> str:
    return ", ".join(f"{each / floor:.2f}" for each in sorted(seconds))


def _calls(run: fresh.Measured) -> str:
    traffic = run.values["traffic"]
    inner = sorted((name, n) for name, n in traffic["calls"].items() if name != "execute")
    named = ", ".join(f"{n} {name}" for name, n in inner)
    return f"{traffic['requests']} requests with {sum(n for _, n in inner)} calls ({named})"


def _peers(bare: list[fresh.Measured], tools: list[fresh.Measured], sizes: Sizes) -> str:
    loop = min(bare, key=lambda run: run.values["seconds"])
    return (
        f"Peers, best runs, nothing stored: a bare loop with eight in flight "
        f"{loop.values['seconds']:.2f} s ({loop.values['traffic']['most_in_a_second']} in any "
        f"second, {loop.values['traffic']['refused']} refused); {_get_all(tools, sizes)}"
    )


def _get_all(tools: list[fresh.Measured], sizes: Sizes) -> str:
    best = min(tools, key=lambda run: run.values["seconds"]).values
    seconds, read = best["seconds"], best["read"]
    if best["failed"]:
        return f"vk_api's get_all_iter failed after {seconds:.2f} s, as the list shrank"
    whole = seconds * sizes.fewest_calls / -(-sizes.likes // 1000)
    return (
        f"vk_api's get_all_iter {seconds:.2f} s for the likes alone ({read:,} read), extrapolated "
        f"by calls {whole:.1f} s for all lists"
    )


async def _scan(
    ground: Ground, sizes: Sizes, settings: dict[str, Any], *, again: int = 0
) -> fresh.Measured:
    """One run of the worker on a world of its own, checked."""
    is_free = not settings.get("churn")
    async with ground.database() as url, town(sizes) as opened:
        run = await fresh.measure(
            "vk_scan",
            url=url,
            redis_url=ground.redis_url,
            folder=str(ground.folder),
            town=opened,
            settings=settings,
            free=is_free,
            again=again,
        )
        scans = (1 if is_free else 3) * (2 if again else 1)
        await fresh.measure(
            "vk_check", url=url, town=opened, sizes=sizes, scans=scans, is_still=is_free
        )
    return run


async def _peer(
    peer: str, opened: Town, sizes: Sizes, settings: dict[str, Any], *, rate: float = 0
) -> fresh.Measured:
    return await fresh.measure(
        "vk_peers", peer=peer, town=opened, sizes=sizes, settings=settings, rate=rate
    )


async def _large(ground: Ground, sizes: Sizes, *, is_full: bool) -> list[Line]:
    runs, fetched, rows = [], [], []
    for _ in range(ground.runs):
        runs.append(await _scan(ground, sizes, _FREE, again=sizes.likes))
        async with town(sizes) as opened:
            fetched.append(await _peer("fetch", opened, sizes, _FREE))
        async with ground.database() as url:
            rows.append(await fresh.measure("vk_peers", peer="rows", url=url, size=sizes.likes))
    fetch = median(run.values["seconds"] for run in fetched)
    found = []
    for what, key in (
        ("likes of VK: fetch, store, merge", "first"),
        (f"the same, one in {CHANGED // 2} changed", "again"),
    ):
        copy = median(run.values[key] for run in rows)
        seconds = [run.values[key] for run in runs]
        floor = fetch + copy
        most = min(FREE_TARGET * floor, sizes.likes / ACTIONS_A_SECOND)
        found.append(
            Line(
                what=what,
                size=f"{sizes.likes:,} likes",
                seconds=seconds,
                peak=max(run.peak for run in runs),
                target=most if is_full else None,
                most_memory=MOST_MEMORY if is_full else None,
                floor=floor,
                floor_is=f"a bare fetch loop ({fetch:.2f} s), and a bare COPY and merge into such "
                f"a table ({copy:.2f} s)",
                note=f"{sizes.likes / max(seconds):,.0f} to {sizes.likes / min(seconds):,.0f} "
                f"actions a second; {_ratios(seconds, floor)} of the floor",
            )
        )
    return found
