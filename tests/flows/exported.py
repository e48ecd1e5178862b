"""Bundles as they are exported, and what the service's own verifier makes of their log."""

import base64
import json
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from contest_service.flows.export import export_bundle
from contest_service.flows.runtime import Runtime
from contest_service.proof import check, log_files
from contest_service.proof.archive import ZipArchive
from contest_service.proof.bundle import Edition, check_bundle
from contest_service.proof.files import content
from contest_service.proof.grade import Grade
from contest_service.proof.notes import VerifierKey
from contest_service.proof.trust import Trust, parse_trust
from contest_service.store.contests import Contest


class Bundle:
    """An exported bundle, which holds."""

    def __init__(self, zipped: bytes) -> None:
        self.zipped = zipped
        self.files = ZipArchive(BytesIO(zipped))
        report = check_bundle(self.files, practice=True)
        assert report.verdict in {"practice", "pending"}, report

    @property
    def log_names(self) -> list[str]:
        return [name for name in self.files.names() if name.startswith(("log/", "evidence/"))]

    def read(self, name: str) -> bytes:
        return content(self.files, name)

    def grade(self, trust: Trust) -> Grade:
        """What its evidence comes to; nothing is said of that aloud on a practice chain."""
        listed = check.parse_events(self.read(check.EVENTS))
        chain = check.begin(listed, practice=True)
        check.fold(chain, listed, self.read(check.ENTRIES))
        return log_files.check_log(self.files, chain, listed, trust=trust).grade


async def exported(rt: Runtime, contest: Contest, edition: Edition = Edition.PUBLIC) -> Bundle:
    pieces = export_bundle(rt, contest.workspace_id, contest.id, edition)
    return Bundle(b"".join([piece async for piece in pieces]))


def trust_file(
    log: VerifierKey,
    witnesses: Mapping[str, VerifierKey] | None = None,
    roots: Mapping[str, bytes] | None = None,
) -> bytes:
    """A trust file with the log's own operator, and others by the name of theirs."""
    file: dict[str, Sequence[Any] | str] = {
        "v": "drawproof/1",
        "logs": [{"operator": "us", "key": log.text}],
        "witnesses": [
            {"operator": operator, "key": key.text} for operator, key in (witnesses or {}).items()
        ],
        "timestamps": [
            {"operator": operator, "certificate": base64.b64encode(root).decode()}
            for operator, root in (roots or {}).items()
        ],
    }
    return json.dumps(file).encode()


def trusting(log: VerifierKey, **others: Any) -> Trust:
    return parse_trust(trust_file(log, **others))
