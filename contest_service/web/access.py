"""The one table of who may open what: every page and every form, and the roles that may.

Of the API's table (`api/roles`) the same is true. A page without a row does not start.
"""

import enum
from collections.abc import Iterable, Mapping

from litestar.handlers import HTTPRouteHandler

from contest_service.domain.people import Role

ALL = frozenset(Role)
EDITORS = frozenset({Role.OWNER, Role.EDITOR})
OWNERS = frozenset({Role.OWNER})


class Who(enum.Enum):
    """Who may, where it is no matter of roles."""

    EVERYBODY = enum.auto()
    """Nobody is looked for, so that the answer is the same for all."""
    VISITOR = enum.auto()
    """Signed in or not; what changes something needs a form of ours."""
    SIGNED_IN = enum.auto()


PAGES: Mapping[str, frozenset[Role] | Who] = {
    "read_asset": Who.EVERYBODY,
    "read_picture": Who.EVERYBODY,
    "read_accent": Who.EVERYBODY,
    # Contests, for everybody
    "show_contest": Who.EVERYBODY,
    "show_draw": Who.EVERYBODY,
    "show_draw_now": Who.EVERYBODY,
    "show_certificate": Who.EVERYBODY,
    "show_card": Who.EVERYBODY,
    "show_check": Who.EVERYBODY,
    "show_embedded": Who.EVERYBODY,
    "read_embedding": Who.EVERYBODY,
    "show_record": Who.EVERYBODY,
    "show_record_card": Who.EVERYBODY,
    "begin_showing": Who.EVERYBODY,
    "show_own": Who.EVERYBODY,
    "ask_again": Who.EVERYBODY,
    "claim_own": Who.EVERYBODY,
    "fetch_held": Who.EVERYBODY,
    # Signing in
    "page_start": Who.SIGNED_IN,
    "page_sign_in": Who.VISITOR,
    "sign_in": Who.VISITOR,
    "page_code": Who.VISITOR,
    "show_code": Who.VISITOR,
    "page_link": Who.VISITOR,
    "use_link": Who.VISITOR,
    "sign_out": Who.VISITOR,
    "page_invitation": Who.VISITOR,
    "accept_invitation": Who.VISITOR,
    # What is one's own
    "page_me": Who.SIGNED_IN,
    "describe_me": Who.SIGNED_IN,
    "page_password": Who.SIGNED_IN,
    "set_password": Who.SIGNED_IN,
    "page_totp": Who.SIGNED_IN,
    "begin_totp": Who.SIGNED_IN,
    "end_totp": Who.SIGNED_IN,
    "renew_recovery_codes": Who.SIGNED_IN,
    "end_session": Who.SIGNED_IN,
    "end_other_sessions": Who.SIGNED_IN,
    "page_workspaces": Who.SIGNED_IN,
    "open_workspace": Who.SIGNED_IN,
    "begin_tour_again": Who.SIGNED_IN,
    # Live
    "follow_public_contest": Who.EVERYBODY,
    # A workspace
    "page_desk": ALL,
    "see_step": ALL,
    "put_tour_away": ALL,
    "page_contests": ALL,
    "page_running": ALL,
    "part_running": ALL,
    "page_what_if": ALL,
    "page_share": ALL,
    "page_entrants": ALL,
    "download_entrants": ALL,
    "page_entrant": ALL,
    "propose_verdict": EDITORS,
    "hold_all_above": EDITORS,
    "page_decisions": ALL,
    "propose_going_on": OWNERS,
    "agree_to_override": OWNERS,
    "take_back_override": EDITORS,
    "page_held": ALL,
    "page_choice": ALL,
    "hold_chosen": EDITORS,
    "release_chosen": EDITORS,
    "release_batch": EDITORS,
    "page_appeals": ALL,
    "page_appeal": ALL,
    "give_answer": EDITORS,
    "page_questions": ALL,
    "note_answered": EDITORS,
    "note_waiting": EDITORS,
    "page_lists": ALL,
    "make_list": EDITORS,
    "page_list": ALL,
    "drop_list": EDITORS,
    "put_on_list": EDITORS,
    "bring_list_in": EDITORS,
    "take_off_list": EDITORS,
    "download_list": ALL,
    "page_exclusions": ALL,
    "page_imports": ALL,
    "bring_entries_in": EDITORS,
    "take_entries_back": EDITORS,
    "page_winners": ALL,
    "part_winners": ALL,
    "page_announcements": ALL,
    "part_announcements": ALL,
    "publish_again": EDITORS,
    "page_correction": EDITORS,
    "publish_correction": EDITORS,
    "page_bundles": ALL,
    "take_bundle": ALL,
    "page_change": ALL,
    "cancel_by_hand": OWNERS,
    "complete_by_hand": OWNERS,
    "page_amend": OWNERS,
    "amend_by_hand": OWNERS,
    "page_winner": ALL,
    "note_winner_claim": EDITORS,
    "note_delivery": EDITORS,
    "undo_delivery": EDITORS,
    "tell_again": EDITORS,
    "propose_out": EDITORS,
    "approve_out": OWNERS,
    "withdraw_out": EDITORS,
    "follow_contest": ALL,
    # Making a contest
    "page_new_contest": EDITORS,
    "make_contest": EDITORS,
    "page_edit": ALL,
    "page_edit_post": ALL,
    "edit_post": EDITORS,
    "remove_post": EDITORS,
    "look_at_post": EDITORS,
    "page_edit_conditions": ALL,
    "edit_conditions": EDITORS,
    "page_edit_condition": ALL,
    "edit_condition": EDITORS,
    "page_edit_time": ALL,
    "edit_time": EDITORS,
    "page_edit_prizes": ALL,
    "edit_prizes": EDITORS,
    "page_edit_texts": ALL,
    "edit_texts": EDITORS,
    "page_edit_practice": ALL,
    "part_edit_practice": ALL,
    "start_practice": EDITORS,
    "page_edit_start": ALL,
    "start_contest_page": EDITORS,
    "schedule_contest_page": EDITORS,
    "unschedule_contest_page": EDITORS,
    "delete_draft": EDITORS,
    # Making it once more
    "page_templates": ALL,
    "page_template": ALL,
    "rename_template_page": EDITORS,
    "delete_template_page": EDITORS,
    "use_template": EDITORS,
    "page_again": ALL,
    "clone_contest_page": EDITORS,
    "keep_contest_page": EDITORS,
    "page_people": ALL,
    "invite_person": OWNERS,
    "withdraw_invitation": OWNERS,
    "set_role": OWNERS,
    "drop_person": OWNERS,
    "page_tokens": ALL,
    "issue_token": OWNERS,
    "end_token": OWNERS,
    "page_audit": ALL,
    "page_communities": ALL,
    "page_community": ALL,
    "part_community_quota": ALL,
    "check_community_now": EDITORS,
    "resume_community_now": EDITORS,
    "begin_vk_id_now": EDITORS,
    "page_new_community": OWNERS,
    "page_connect_vk": OWNERS,
    "connect_vk": OWNERS,
    "connect_vk_by_sign_in": OWNERS,
    "page_connect_bluesky": OWNERS,
    "connect_bluesky": OWNERS,
    "connect_practice": OWNERS,
    "page_credential": OWNERS,
    "change_credential_now": OWNERS,
    "take_part_out": OWNERS,
    "remove_community_now": OWNERS,
    "page_settings": ALL,
    "change_settings": OWNERS,
    "change_accent": OWNERS,
    "change_logo": OWNERS,
    "remove_logo": OWNERS,
}


def require_rows(handlers: Iterable[HTTPRouteHandler]) -> None:
    """Raise LookupError unless every handler has a row."""
    names = {each.operation_id for each in handlers if isinstance(each.operation_id, str)}
    if missing := names - PAGES.keys():
        raise LookupError(f"no row in web/access.py for {', '.join(sorted(missing))}")
