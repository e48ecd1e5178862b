"""Somebody who is signed in, without the way through the forms."""

from api.staged import Stage

from contest_service.flows.sessions import Origin, begin_session


async def sign_in(stage: Stage) -> str:
    """Begin a session for the owner of the first workspace; return its secret."""
    origin = Origin(address="127.0.0.1", agent="test", request_id="test")
    async with stage.rt.pool.acquire() as conn, conn.transaction():
        person = await conn.fetchval("SELECT person_id FROM memberships ORDER BY person_id LIMIT 1")
        begun = await begin_session(conn, person, origin, by="link", now=stage.rt.clock())
    return begun.secret
