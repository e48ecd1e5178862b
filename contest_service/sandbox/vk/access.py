"""What a token may: the kinds and rights that methods ask for, and roles in communities.

Owns VK's refusals for the wrong key: 5 for none or a dead one, 27 and 28 for the wrong kind, 15
for a missing right or role.
"""

from contest_service.sandbox.vk.errors import VkError, bad
from contest_service.sandbox.vk.records import Community, Kind, Role, Token
from contest_service.sandbox.vk.site import Call, Site

_NO_SCOPE = "no access to call this method. It cannot be called with current scopes."
_WRONG_KIND: dict[Kind, tuple[int, str]] = {
    "group": (27, "method is unavailable with group auth."),
    "service": (28, "method is unavailable with service token."),
    "user": (28, "method is unavailable with user auth."),
}


def token(site: Site, value: str) -> Token:
    """Return the token that a request came with. Raises VkError 5."""
    if not value:
        raise VkError(5, "no access_token passed.")
    found = site.world.tokens.get(value)
    if found is None:
        raise VkError(5, "invalid access_token (4).")
    if found.is_revoked:
        raise VkError(5, "user revoke access for this token.")
    if found.expires_at and site.clock() >= found.expires_at:
        raise VkError(5, "access_token has expired.", subcode=1117)
    person = site.world.person(found.person_id)
    if found.kind == "user" and person is not None and person.deactivated:
        raise VkError(5, "user is blocked.")
    return found


def require_kind(held: Token, kinds: str) -> None:
    """Refuse a kind of token that a method does not take; `kinds` are words. Raises VkError."""
    if held.kind not in kinds.split():
        code, detail = _WRONG_KIND[held.kind]
        raise VkError(code, detail)


def require_scope(held: Token, scope: str) -> None:
    """Refuse a token without a right. Raises VkError 15."""
    if scope and held.kind != "service" and scope not in held.scopes:
        raise VkError(15, _NO_SCOPE, subcode=1133)


def community(site: Site, text: str) -> Community:
    """Return a community by id or name. Raises VkError 125."""
    found = site.world.community_named(text)
    if found is None:
        raise VkError(125)
    return found


def managed(site: Site, call: Call, role: Role = "administrator") -> Community:
    """Return the community `group_id` that the caller manages. Raises VkError 100, 125, 15."""
    group_id = call.params.number("group_id", low=1)
    found = community(site, str(group_id))
    if call.token.kind == "group":
        if call.token.group_id != group_id:
            raise VkError(15, "group_id is not the token's community")
    elif not found.may(call.token.person_id, role):
        raise VkError(15, "you should be group admin")
    return found


def owner(site: Site, call: Call, name: str = "owner_id") -> int:
    """Return a wall's owner, by default the caller. Raises VkError 100."""
    owner_id = call.params.number(name, call.token.person_id)
    if not owner_id:
        raise bad(f"{name} is undefined")
    return owner_id
