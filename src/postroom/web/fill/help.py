"""The guide on the desk: the list, a page, the words."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext, pgettext

from postroom.identity.models import User
from postroom.kernel.errors import NotFound
from postroom.web.asked import text
from postroom.web.fill import help_guide
from postroom.web.fill.help_guide import Topic, Word
from postroom.web.pages.help import HelpIndexPage, HelpPage, TopicGroup, TopicRow, WordRow, WordsPage


def index_of(request: HttpRequest) -> HelpIndexPage:
    q = text(request, "q", 80)
    return HelpIndexPage(
        url=reverse("help"),
        groups=_groups(q=q),
        words_url=reverse("help-words"),
        tour_url=f"{reverse('home')}?tour=on",
        q=q,
        mine=None if q else _mine(request),
        back_url=back_of(request),
    )


def page_of(request: HttpRequest, key: str) -> HelpPage:
    topic = help_guide.topics().get(key)
    if topic is None:
        raise NotFound(
            gettext("The guide has no page “{key}”.").format(key=key), hint=gettext("Look at the list of its pages.")
        )
    told = help_guide.words()
    return HelpPage(
        title=topic.title,
        about=topic.about,
        html=help_guide.html_of(topic.text),
        index_url=reverse("help"),
        groups=_groups(current=key),
        words=tuple(_word(told[word]) for word in topic.words),
        back_url=back_of(request),
    )


def words_of(request: HttpRequest) -> WordsPage:
    rows = sorted(help_guide.words().values(), key=lambda word: word.name.casefold())
    return WordsPage(rows=tuple(_word(word) for word in rows), index_url=reverse("help"), back_url=back_of(request))


def word_of(key: str) -> WordRow | None:
    """One word, for the place where it first stands on a screen."""
    word = help_guide.words().get(key)
    return _word(word) if word else None


def address_for(request: HttpRequest | None) -> str:
    """The page that explains this screen, with the way back; the list for screens that have none."""
    if request is None:
        return reverse("help")
    match = request.resolver_match
    key = help_guide.topic_of_routes().get(match.url_name or "") if match else None
    here = reverse("help-topic", args=[key]) if key else reverse("help")
    back = back_of(request) if match and (match.url_name or "").startswith("help") else shown_at(request)
    return f"{here}?{urlencode({'from': back})}" if back else here


def shown_at(request: HttpRequest) -> str:
    """The address of the screen that is being made; a part of it that renews itself belongs to its whole page."""
    current = urlsplit(request.headers.get("HX-Current-URL", ""))
    if request.headers.get("HX-Request") and current.path:
        return f"{current.path}?{current.query}" if current.query else current.path
    return request.get_full_path()


def back_of(request: HttpRequest) -> str:
    """Where the reader came from: an address of this desk that exists, or nothing."""
    back = request.GET.get("from", "")
    if not back.startswith("/") or not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return ""
    try:
        resolve(back.partition("?")[0].partition("#")[0])
    except Resolver404:
        return ""
    return back


def _mine(request: HttpRequest) -> TopicRow | None:
    """The page written for the reader's role."""
    roles = request.user.roles if isinstance(request.user, User) else []
    found = [topic for role in roles for topic in help_guide.topics().values() if topic.role == role]
    return _row(found[0]) if found else None


def _groups(current: str = "", q: str = "") -> tuple[TopicGroup, ...]:
    names = {
        "roles": gettext("By role"),
        "screens": gettext("By screen"),
        "settings": pgettext("guide", "Settings"),
        "more": gettext("Besides"),
    }
    shown = [topic for topic in help_guide.topics().values() if _fits(topic, q)]
    groups = [(key, tuple(_row(topic, current) for topic in shown if topic.group == key)) for key in help_guide.GROUPS]
    return tuple(TopicGroup(id=f"h-{key}", title=names[key], rows=rows) for key, rows in groups if rows)


def _fits(topic: Topic, q: str) -> bool:
    """Each word that was typed stands in the page."""
    inside = f"{topic.title} {topic.about} {topic.text}".casefold()
    return all(word in inside for word in q.casefold().split())


def _row(topic: Topic, current: str = "") -> TopicRow:
    address = reverse("help-topic", args=[topic.key])
    return TopicRow(url=address, title=topic.title, about=topic.about, current=topic.key == current)


def _word(word: Word) -> WordRow:
    see = help_guide.topics().get(word.see)
    return WordRow(
        key=word.key,
        name=word.name,
        text=word.text,
        url=f"{reverse('help-words')}#{word.key}",
        more_url=reverse("help-topic", args=[see.key]) if see else "",
        more_text=see.title if see else "",
    )
