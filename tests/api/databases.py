"""Databases that are copies of a prepared one, so that many tests share one preparation."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

import asyncpg


@asynccontextmanager
async def copy_of(postgres_url: str, template: str) -> AsyncIterator[str]:
    """The URL of a copy of the database `template`, which nobody may be connected to."""
    name = f"copy_{uuid.uuid4().hex}"
    admin = await asyncpg.connect(postgres_url)
    try:
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        try:
            yield urlunsplit(urlsplit(postgres_url)._replace(path=f"/{name}"))
        finally:
            await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await admin.close()


def name_of(url: str) -> str:
    """The name of the database at `url`."""
    return urlsplit(url).path.removeprefix("/")
