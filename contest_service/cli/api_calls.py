"""A small client of the service's own API, for commands that use it as anybody else would.

On the standard library: HTTP clients of other people's servers belong to `platforms`.
"""

import asyncio
import http.client
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from contest_service.domain.errors import ContestError
from contest_service.settings import Settings

_PATIENCE = 60.0
_PAGE = 200
_PIECE = 1 << 16


class Api:
    """The API of a service on this machine, with somebody's token."""

    def __init__(self, settings: Settings, token: str) -> None:
        self._address = settings.host, settings.port
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    async def get(self, path: str, **query: str | int) -> Any:
        """Read something. Raises ContestError with what the API says."""
        asked = f"{path}?{urlencode(query)}" if query else path
        return await asyncio.to_thread(self._ask, "GET", asked, None)

    async def post(self, path: str, body: bytes) -> Any:
        """Do something. Raises ContestError with what the API says."""
        return await asyncio.to_thread(self._ask, "POST", path, body)

    async def pages(self, path: str) -> AsyncIterator[Any]:
        """Walk through a whole list."""
        after: dict[str, str] = {}
        while True:
            page = await self.get(path, limit=_PAGE, **after)
            for item in page["items"]:
                yield item
            if page["next"] is None:
                return
            after = {"after": page["next"]}

    async def download(self, path: str, to: Path) -> None:
        """Write what is at a path into a file."""
        await asyncio.to_thread(self._download, path, to)

    def _ask(self, method: str, path: str, body: bytes | None) -> Any:
        connection = http.client.HTTPConnection(*self._address, timeout=_PATIENCE)
        try:
            return json.loads(self._answer(connection, method, path, body=body).read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise _broken(method, path, error) from None
        finally:
            connection.close()

    def _download(self, path: str, to: Path) -> None:
        connection = http.client.HTTPConnection(*self._address, timeout=_PATIENCE)
        try:
            answer = self._answer(connection, "GET", path, body=None)
            with to.open("wb") as file:
                while piece := answer.read(_PIECE):
                    file.write(piece)
        except (OSError, http.client.HTTPException) as error:
            raise _broken("GET", path, error) from None
        finally:
            connection.close()

    def _answer(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        *,
        body: bytes | None,
    ) -> http.client.HTTPResponse:
        connection.request(method, f"/v1{path}", body=body, headers=self._headers)
        answer = connection.getresponse()
        if answer.status >= http.client.BAD_REQUEST:
            said = answer.read().decode(errors="replace")
            raise ContestError(f"{method} {path} was answered with {answer.status}: {said}")
        return answer


def _broken(method: str, path: str, error: Exception) -> ContestError:
    return ContestError(f"{method} {path} was not answered ({error or type(error).__name__}).")
