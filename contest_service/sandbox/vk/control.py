"""The sandbox's own API, under `/sandbox/…`: make the world, act in it, disturb it, look at it.

For tests, benchmarks and the demo; VK has nothing like it, and it asks nobody who they are, since
it answers on loopback only. Bodies are JSON objects with known fields; a wrong one is 400 with the
reason. Of a setting (`limits`, `latency`, `patience`, `behaviour`, `churn`), what is not named goes
back to its usual value. Owns the paths, which stand in two tables at the end; what they do is in
`control_world`, `control_acts`, `control_town` and `control_truth`.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from contest_service.sandbox.vk import (
    control_acts,
    control_town,
    control_truth,
    control_world,
    http,
    long_poll,
)
from contest_service.sandbox.vk.churn import Change
from contest_service.sandbox.vk.events import Pending
from contest_service.sandbox.vk.faults import Fault
from contest_service.sandbox.vk.limits import Rates
from contest_service.sandbox.vk.refusals import WrongRequest
from contest_service.sandbox.vk.site import Latency, Patience, Site
from contest_service.sandbox.vk.world import Behaviour


class Forward(msgspec.Struct, forbid_unknown_fields=True):
    """Seconds that pass at once."""

    seconds: float


class Disturbance(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Something that happens to a community's events."""

    do: str
    """`lose` or `forget` the long poll's queue, `expire` its keys, `repeat` delivered events."""
    group_id: int
    server_id: int = 0
    count: int = 1


async def answer(site: Site, path: list[str], request: http.Request) -> http.Answer:
    """Answer a request to the sandbox's own API."""
    name = "/".join(path)
    try:
        if request.method == "GET" and name in _READS:
            return http.json(_READS[name](site, request.query))
        if request.method == "POST" and name in _WRITES:
            _require_json(request)
            kind, write = _WRITES[name]
            return http.json(write(site, msgspec.json.decode(request.body or b"{}", type=kind)))
    except (WrongRequest, msgspec.ValidationError, msgspec.DecodeError) as error:
        return http.json({"error": str(error)}, 400)
    return http.json({"error": f"there is no {request.method} /sandbox/{name}"}, 404)


def _require_json(request: http.Request) -> None:
    """Refuse what a form on any web page could send to this machine."""
    kind = request.headers.get("content-type", "")
    if request.body and not kind.startswith("application/json"):
        raise WrongRequest("the body has to be application/json")


def _order(site: Site, fault: Fault) -> Any:
    site.faults.orders.append(fault)
    return {"ordered": len(site.faults.orders)}


def _calm(site: Site, _: dict[str, Any]) -> Any:
    site.faults.orders.clear()
    site.churn.changes.clear()
    return {"ordered": 0}


def _set_rates(site: Site, rates: Rates) -> Any:
    site.limits.rates = rates
    return rates


def _set_latency(site: Site, latency: Latency) -> Any:
    site.latency = latency
    return latency


def _set_patience(site: Site, patience: Patience) -> Any:
    site.patience = patience
    return patience


def _set_behaviour(site: Site, behaviour: Behaviour) -> Any:
    site.world.behaviour = behaviour
    return behaviour


def _set_churn(site: Site, changes: dict[str, Change]) -> Any:
    unknown = changes.keys() - {"likes", "copies", "comments", "members"}
    if unknown:
        raise WrongRequest(f"there is no list {sorted(unknown)[0]!r}")
    site.churn.changes = changes
    return changes


def _forward(site: Site, forward: Forward) -> Any:
    site.clock.ahead += forward.seconds
    return {"now": site.clock()}


def _disturb(site: Site, disturbance: Disturbance) -> Any:
    group_id = disturbance.group_id
    match disturbance.do:
        case "lose":
            long_poll.lose(site, group_id)
        case "forget":
            long_poll.forget(site, group_id, disturbance.count)
        case "expire":
            long_poll.expire_keys(site, group_id)
        case "repeat":
            server = site.events.outlet(group_id).server(disturbance.server_id)
            if server is None:
                raise WrongRequest("there is no such server")
            again = server.delivered[-disturbance.count :]
            server.waiting += [Pending(event=event, due=site.clock()) for event in again]
        case _:
            raise WrongRequest("do is lose, forget, expire or repeat")
    return {"done": disturbance.do}


def _forget_traffic(site: Site, _: dict[str, Any]) -> Any:
    site.limits.forget()
    return {}


_READS: dict[str, Callable[[Site, dict[str, str]], Any]] = {
    "post": control_truth.post,
    "community": control_truth.community,
    "people": control_truth.people,
    "comments": control_truth.comments,
    "messages": control_truth.messages,
    "traffic": control_truth.traffic,
    "events": control_truth.events,
    "towns": control_town.towns,
    "clock": lambda site, _: {"now": site.clock()},
}
_WRITES: dict[str, tuple[Any, Callable[[Site, Any], Any]]] = {
    "people": (control_world.People, control_world.add_people),
    "communities": (control_world.NewCommunity, control_world.add_community),
    "posts": (control_world.NewPost, control_world.add_post),
    "tokens": (control_world.NewToken, control_world.add_token),
    "apps": (control_world.NewApp, control_world.add_app),
    "bulk": (control_world.Bulk, control_world.act_in_bulk),
    "acts": (control_acts.Acts, control_acts.perform),
    "towns": (control_town.NewTown, control_town.add_town),
    "faults": (Fault, _order),
    "calm": (dict[str, Any], _calm),
    "limits": (Rates, _set_rates),
    "latency": (Latency, _set_latency),
    "patience": (Patience, _set_patience),
    "behaviour": (Behaviour, _set_behaviour),
    "churn": (dict[str, Change], _set_churn),
    "clock": (Forward, _forward),
    "events": (Disturbance, _disturb),
    "traffic": (dict[str, Any], _forget_traffic),
}
