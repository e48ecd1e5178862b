"""The one table of who may do what: every operation of the API, and the roles that may.

An operation without a row does not start: the application refuses to be made.
"""

from collections.abc import Mapping

from contest_service.domain.people import Role

ALL = frozenset(Role)
EDITORS = frozenset({Role.OWNER, Role.EDITOR})
OWNERS = frozenset({Role.OWNER})

ROLES: Mapping[str, frozenset[Role]] = {
    "read_me": ALL,
    # People and tokens: owners.
    "list_workspaces": ALL,
    "create_workspace": OWNERS,
    "rename_workspace": OWNERS,
    "list_persons": ALL,
    "add_person": OWNERS,
    "change_role": OWNERS,
    "remove_person": OWNERS,
    "list_tokens": ALL,
    "create_token": OWNERS,
    "revoke_token": OWNERS,
    # Communities: whoever holds a credential publishes in its name.
    "list_communities": ALL,
    "read_community": ALL,
    "connect_community": OWNERS,
    "replace_credential": OWNERS,
    "remove_community": OWNERS,
    "check_community": EDITORS,
    "read_channel": ALL,
    "begin_vk_id": EDITORS,
    # Lists
    "list_lists": ALL,
    "read_list": ALL,
    "create_list": EDITORS,
    "delete_list": EDITORS,
    "list_list_accounts": ALL,
    "add_list_accounts": EDITORS,
    "remove_list_accounts": EDITORS,
    # Contests: an editor brings them to their start; what takes something back is an owner's.
    "list_contests": ALL,
    "read_contest": ALL,
    "create_contest": EDITORS,
    "replace_contest": EDITORS,
    "change_contest": EDITORS,
    "delete_contest": EDITORS,
    "schedule_contest": EDITORS,
    "start_contest": EDITORS,
    "start_dry_run": EDITORS,
    "cancel_contest": OWNERS,
    "amend_contest": OWNERS,
    "proceed_contest": OWNERS,
    "complete_contest": OWNERS,
    "disqualify_entry": OWNERS,
    "list_posts": ALL,
    "list_blind_spots": ALL,
    "attach_post": EDITORS,
    "detach_post": EDITORS,
    # What is known, and what was proved
    "list_entrants": ALL,
    "count_entrants": ALL,
    "read_entrant": ALL,
    "list_entries": ALL,
    "list_scans": ALL,
    "read_coverage": ALL,
    "read_freeze": ALL,
    "read_draw": ALL,
    "list_events": ALL,
    "download_bundle": ALL,
    "list_announcements": ALL,
    "retry_announcement": EDITORS,
    "list_notices": ALL,
    "retry_notice": EDITORS,
    # Audit log
    "list_audit": ALL,
}

WITHOUT_LOGIN = frozenset(
    {
        "livez",
        "readyz",
        "read_public_contest",
        "download_events",
        "download_entries",
        "download_terms",
        "download_verifier",
        "download_public_bundle",
        "take_vk_event",
        "come_back_from_vk_id",
    }
)
"""Operations that need no token."""
