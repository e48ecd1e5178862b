"""Kinds of entrants: one number each, the same wherever it is made."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contest_service.domain.judging import EntrantState
from contest_service.store.rows import Connection
from contest_service.store.tallies import Tallied, kind_of
from store.test_arrays import ANYTHING

KINDS = st.lists(
    st.tuples(
        st.sampled_from(["vk", "bluesky", "import", ""]),
        st.sampled_from(EntrantState),
        st.sampled_from(["all_conditions_hold", "liked.not_seen", "held.rule"]) | ANYTHING,
        st.text("hdcw", max_size=12),
    ),
    max_size=10,
)
NUMBERS = """
SELECT array_agg(kind_of(platform, state, reason, marks) ORDER BY place)
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) WITH ORDINALITY
    AS k (platform, state, reason, marks, place)
"""


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kinds=KINDS)
async def test_postgresql_numbers_a_kind_as_the_program_does(
    connection: Connection, kinds: list[tuple[str, str, str, str]]
) -> None:
    columns = [[kind[place] for kind in kinds] for place in range(4)]
    found = await connection.fetchval(NUMBERS, *columns)
    assert (found or []) == [kind_of(*kind) for kind in kinds]


def test_kinds_that_differ_in_one_thing_have_different_numbers() -> None:
    kinds = {
        (platform, state, reason, marks)
        for platform in ("vk", "bluesky", "")
        for state in EntrantState
        for reason in ("liked.not_seen", "liked.undone", "")
        for marks in ("", "h", "hd", "dh")
    }
    assert len({kind_of(*kind) for kind in kinds}) == len(kinds)


def test_a_kind_keeps_its_number() -> None:
    """Every row that was written has it."""
    tallied = Tallied(
        platform="vk",
        state=EntrantState.INVALID,
        reason="liked.not_seen",
        marks="dh",
        entrants=1,
        tickets=0,
    )
    assert tallied.kind == -122089487895956810
