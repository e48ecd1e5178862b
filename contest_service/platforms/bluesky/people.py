"""What the AppView shows of people: profiles, who follows, and who cannot be seen."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

from contest_service.domain.accounts import Profile, Standing
from contest_service.domain.evidence import Asked, Sighting, Target
from contest_service.platforms.bluesky import wire
from contest_service.platforms.bluesky.ahead import ahead, chunks
from contest_service.platforms.bluesky.reading import Query
from contest_service.platforms.bluesky.xrpc import decode
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.transport import Reply

_PROFILES_A_CALL = 25
_RELATIONSHIPS_A_CALL = 30

_PROFILES = "app.bsky.actor.getProfiles"
_RELATIONSHIPS = "app.bsky.graph.getRelationships"


class People:
    """Reads about accounts, in groups, several requests in flight."""

    def __init__(self, query: Query) -> None:
        self._query = query

    async def follows(self, target: Target, accounts: Sequence[str]) -> AsyncIterator[Asked]:
        """Ask which of `accounts` follow the community; whoever is unknown there is hidden."""

        async def ask(chunk: tuple[str, ...]) -> Asked:
            reply, known = await self._relationships(target.author, chunk)
            follows = {did: known[did].followed_by for did in chunk if did in known}
            return Asked(
                present=tuple(
                    Sighting(account=did, ref=ref) for did, ref in follows.items() if ref
                ),
                absent=tuple(did for did, ref in follows.items() if not ref),
                hidden=tuple(did for did in chunk if did not in known),
                body=reply.body,
            )

        async for asked in ahead(ask, chunks(accounts, _RELATIONSHIPS_A_CALL)):
            yield asked

    async def standing(self, community: str, accounts: Sequence[str]) -> Mapping[str, Standing]:
        """Tell for each account whether what it does is visible."""
        shown = {profile.account for profile in await self.profiles(accounts)}

        async def ask(chunk: tuple[str, ...]) -> dict[str, wire.Relationship]:
            return (await self._relationships(community, chunk))[1]

        standing = dict.fromkeys(accounts, Standing.UNAVAILABLE)
        async for known in ahead(ask, chunks(shown, _RELATIONSHIPS_A_CALL)):
            standing |= {did: _standing(each) for did, each in known.items() if did in shown}
        return standing

    async def profiles(self, accounts: Iterable[str]) -> list[Profile]:
        """Read profiles; unavailable accounts are missing."""

        async def ask(chunk: tuple[str, ...]) -> list[wire.ProfileView]:
            reply = await self._query(_PROFILES, [("actors", did) for did in chunk])
            return decode(_PROFILES, reply, wire.ProfilesAnswer).profiles

        found: list[Profile] = []
        async for views in ahead(ask, chunks(accounts, _PROFILES_A_CALL)):
            found.extend(wire.profile_of(view) for view in views)
        return found

    async def by_handle(self, handles: Iterable[str]) -> dict[str, str]:
        """Find the DIDs of accounts by their handles; unavailable accounts are missing."""
        asked = set(handles)
        found = await self.profiles(asked)
        return {each.handle: each.account for each in found if each.handle in asked}

    async def _relationships(
        self, community: str, chunk: tuple[str, ...]
    ) -> tuple[Reply, dict[str, wire.Relationship]]:
        parameters = [("actor", community), *(("others", did) for did in chunk)]
        reply = await self._query(_RELATIONSHIPS, parameters)
        answer = decode(_RELATIONSHIPS, reply, wire.RelationshipsAnswer)
        if not answer.actor:
            # Nobody is known to an account that is not: that says nothing of the others.
            raise PlatformError(FailureKind.GONE, "The community's own account is not there.")
        return reply, {each.did: each for each in answer.relationships if each.did}


def _standing(known: wire.Relationship) -> Standing:
    """A block in either direction, also by a list, hides likes and replies from everybody."""
    if known.blocked_by or known.blocked_by_list:
        return Standing.BLOCKS_US
    if known.blocking or known.blocking_by_list:
        return Standing.BLOCKED_BY_US
    return Standing.VISIBLE
