"""What handlers are given by name: `actor`, `rt`, `write`, `exports` and `receipts`.

They are made by us, so nothing about them is validated.
"""

from typing import TypeAlias

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from contest_service.api.writes import Write
from contest_service.domain.people import Actor
from contest_service.downloads import Exports
from contest_service.flows.receipt import Receipts
from contest_service.flows.runtime import Runtime

GivenActor: TypeAlias = NamedDependency[SkipValidation[Actor]]
GivenRuntime: TypeAlias = NamedDependency[SkipValidation[Runtime]]
GivenWrite: TypeAlias = NamedDependency[SkipValidation[Write]]
GivenExports: TypeAlias = NamedDependency[SkipValidation[Exports]]
GivenReceipts: TypeAlias = NamedDependency[SkipValidation[Receipts]]
