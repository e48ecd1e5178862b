"""A post of the practice VK as a person sees it in a browser: its text, counters and comments.

What stands there was written by whoever used the sandbox: it is shown as text and nothing else.
"""

import html

from contest_service.sandbox.vk import http
from contest_service.sandbox.vk.params import whole
from contest_service.sandbox.vk.records import Comment, Post
from contest_service.sandbox.vk.world import World

_SHOWN = 100
"""Comments on one page, the newest first."""
_STYLE = (
    "body{font:16px/1.5 system-ui;max-width:42rem;margin:2rem auto;padding:0 1rem}"
    "article,li{white-space:pre-wrap;overflow-wrap:anywhere}li{margin:.6rem 0}"
    "ol{list-style:none;padding:0}.ours{border-left:3px solid;padding-left:.6rem}"
    "header{opacity:.7}"
)


def show(world: World, name: str) -> http.Answer:
    """Show the post `wall-501_1`."""
    owner, _, number = name.removeprefix("wall").partition("_")
    owner_id, post_id = whole(owner), whole(number)
    post = None if owner_id is None or post_id is None else world.post(owner_id, post_id)
    if post is None:
        return http.page(_page("Запись не найдена", "<p>Такой записи нет.</p>"), 404)
    return http.page(_page(_name(world, post.owner_id), _body(world, post)))


def _body(world: World, post: Post) -> str:
    reactions = post.reactions
    counted = (
        f"Нравится: {len(reactions.likes)} · репостов: {len(reactions.reposts)} · "
        f"комментариев: {reactions.comments_count}"
    )
    found = [
        world.comments[post.owner_id, id_]
        for top in reactions.comments.newest(0, _SHOWN)
        for id_ in (top, *world.comments[post.owner_id, top].thread)
    ]
    shown = "".join(_comment(world, post, said) for said in found[:_SHOWN] if not said.is_deleted)
    return f"<article>{html.escape(post.text)}</article><p>{counted}</p><ol>{shown}</ol>"


def _comment(world: World, post: Post, said: Comment) -> str:
    kind = ' class="ours"' if said.from_id == post.owner_id else ""
    author = html.escape(_name(world, said.from_id))
    return f'<li id="reply{said.id}"{kind}><b>{author}</b>\n{html.escape(said.text)}</li>'


def _name(world: World, id_: int) -> str:
    if id_ < 0:
        community = world.community(-id_)
        return community.name if community is not None else f"club{-id_}"
    person = world.person(id_)
    return f"{person.first_name} {person.last_name}" if person is not None else f"id{id_}"


def _page(title: str, body: str) -> str:
    named = html.escape(title)
    return (
        f'<!doctype html><html lang="ru"><meta charset="utf-8"><title>{named}</title>'
        f"<style>{_STYLE}</style><header>Учебный VK: здесь нет никого настоящего</header>"
        f"<h1>{named}</h1>{body}</html>"
    )
