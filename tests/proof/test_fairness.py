"""Chance itself: many simulated draws against the chances that the protocol promises.

Seeds are fixed, so that the outcome never changes. Each critical value is chi-square's at the
significance 0.001 for the degrees of freedom named beside it.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import permutations
from typing import Any

from contest_service.proof.draw import Ranking, Slots, seed
from proof import contests
from proof.test_draw import SEED

ROUNDS = 12_000

Order = tuple[int, ...]


def chi_square(outcomes: Sequence[Any], chances: Mapping[Any, float]) -> float:
    """The statistic over all outcomes that are possible, and those alone."""
    counts = Counter(outcomes)
    assert counts.keys() <= chances.keys()
    return sum(
        (counts[outcome] - len(outcomes) * chance) ** 2 / (len(outcomes) * chance)
        for outcome, chance in chances.items()
    )


def draws(
    weights: Sequence[int],
    tiers: Sequence[int],
    *,
    gone: Sequence[int] = (),
    then: Callable[[list[int]], Sequence[int]] = lambda _: (),
) -> list[Order]:
    """Who holds the slots in ROUNDS draws, by the place in the frozen list (-1: nobody).

    `gone` are disqualified before the result; `then` tells from the slots who is after it.
    """
    entries = contests.entry_list(weights)
    commitments = [commitment for commitment, _ in entries]
    places = {commitment: place for place, commitment in enumerate(commitments)}
    [rules] = contests.draws(tiers)
    outcomes = []
    for round_ in range(ROUNDS):
        out = [commitments[place] for place in gone]
        ranking = Ranking(entries, seed(round_.to_bytes(32, "big"), SEED, 0))
        slots = Slots(rules, ranking, disqualified=out)

        def held(now: Slots = slots) -> list[int]:
            return [places[bytes.fromhex(s.commit)] if s.commit else -1 for s in now.listed()]

        for place in then(held()):
            out.append(commitments[place])
            slots.disqualify(commitments[place], out)
        outcomes.append(tuple(held()))
    return outcomes


def listed(weights: Sequence[int]) -> list[int]:
    """The weights in the order of the frozen list, which is that of the commitments."""
    return [weight for _, weight in contests.entry_list(weights)]


def successive(weights: Sequence[int], length: int) -> dict[Order, float]:
    """The chance of each order of the first `length`: each next one by its share of the rest."""
    chances = {}
    for order in permutations(range(len(weights)), length):
        chance, left = 1.0, sum(weights)
        for place in order:
            chance *= weights[place] / left
            left -= weights[place]
        chances[order] = chance
    return chances


def at(chances: Mapping[Order, float], slot: int) -> dict[Any, float]:
    """The chances of whoever is at one place of the order."""
    found: dict[Any, float] = {}
    for order, chance in chances.items():
        found[order[slot]] = found.get(order[slot], 0.0) + chance
    return found


def test_every_place_in_the_list_wins_every_slot_equally_often() -> None:
    outcomes = draws([1] * 10, [1, 1, 1])
    for slot in range(3):
        held = [outcome[slot] for outcome in outcomes]
        assert chi_square(held, dict.fromkeys(range(10), 0.1)) < 27.877  # 9 degrees


def test_weights_are_exact_successive_sampling() -> None:
    weights = [1, 2, 3, 4, 5]
    outcomes = draws(weights, [2])
    chances = successive(listed(weights), 2)
    assert chi_square(outcomes, chances) < 43.820  # 19 degrees
    assert chi_square([first for first, _ in outcomes], at(chances, 0)) < 18.467  # 4 degrees


def test_each_tier_goes_by_the_weights_that_are_left() -> None:
    weights = [1, 1, 2, 4]
    outcomes = draws(weights, [1, 2])
    chances = successive(listed(weights), 3)
    assert chi_square(outcomes, chances) < 49.728  # 23 degrees
    for slot in range(3):
        held = [outcome[slot] for outcome in outcomes]
        assert chi_square(held, at(chances, slot)) < 16.266  # 3 degrees


def test_who_is_out_before_the_result_leaves_the_chances_of_the_rest_as_they_are() -> None:
    weights = [1, 2, 3, 4, 5]
    left = listed(weights)
    outcomes = draws(weights, [1], gone=[0])
    chances = {(place,): left[place] / sum(left[1:]) for place in range(1, 5)}
    assert chi_square(outcomes, chances) < 16.266  # 3 degrees


def test_a_successor_is_the_second_of_the_same_order() -> None:
    weights = [1, 2, 3, 4, 5]
    outcomes = draws(weights, [1], then=lambda held: held)
    chances = at(successive(listed(weights), 2), 1)
    assert chi_square([heir for (heir,) in outcomes], chances) < 18.467  # 4 degrees


def test_a_succession_takes_nothing_from_the_other_winners() -> None:
    weights = [1, 2, 3, 4]
    outcomes = draws(weights, [1, 1], then=lambda held: held[:1])
    orders = successive(listed(weights), 3)
    chances: dict[Any, float] = {}
    for (_, second, third), chance in orders.items():
        chances[third, second] = chances.get((third, second), 0.0) + chance
    assert chi_square(outcomes, chances) < 31.264  # 11 degrees


def test_a_skewed_draw_would_be_noticed() -> None:
    outcomes = draws([11, 10, 10, 10, 10], [1])
    assert chi_square(outcomes, {(place,): 0.2 for place in range(5)}) > 18.467  # 4 degrees
