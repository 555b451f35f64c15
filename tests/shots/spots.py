"""Which pages there are, and an example address of each: the links are walked from the worklist as the demo's people."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from tests.house import House
from tests.shots.people import CAREFUL, HALFWAY, signed_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

READERS = ("dispatcher", "administrator", "manager", "auditor")
EXAMPLES = 3
FAULTS = (400, 403, 409, 500, 503)
NO_PICTURE = {
    "account_logout", "account_inactive", "mfa_index", "mfa_reauthenticate",
    "mfa_download_recovery_codes", "health", "shipments:import_rejected",
    "incidents:reach", "incidents:live", "home:live", "messaging:caught_html", "messaging:relay", "conversations:raw",
    "messaging:service", "messaging:gateway", "messaging:registered_form",
}  # fmt: skip
"""Redirects, files, pages that stand only between two others, parts of a page that has its picture (a caught mail's HTML is
taken as `mail:…`), the own pages of a relay and a service, which a demo may not have (`messaging:new_relay` and `messaging:new_service` show the same
forms), a provider’s form of a text, which needs such a service, and where services call us."""


@dataclass(frozen=True)
class Spot:
    """One page to take: its name, an example address, who reads it, and the one language it has, if it has but one."""

    name: str
    path: str
    reader: str
    language: str = ""


def found(opened: "Browser", home: House, say: Any) -> list[Spot]:
    """Follows the links of the pages, breadth first; of the first few examples of an address pattern the fullest is taken."""
    spots = {spot.name: spot for spot in _off_the_path()}
    taken = NO_PICTURE | set(spots)
    for reader in READERS:
        fullest: dict[str, int] = {}
        with opened.new_context() as context:
            page = signed_in(context, home, reader)
            for name, path, links in _walked(page, home, taken, say):
                if links > fullest.get(name, -1):
                    fullest[name], spots[name] = links, Spot(name, path, reader)
        taken |= set(fullest)
    return list(spots.values())


def _walked(page: "Page", home: House, taken: set[str], say: Any) -> Iterator[tuple[str, str, int]]:
    """Each page that a reader comes to: its name, its address, and how many links it has."""
    waiting, known, seen = ["/", *_plain_addresses()], set[str](), Counter[str]()
    while waiting:
        path = waiting.pop(0)
        name = name_of(path)
        if path in known or not name or name in taken or seen[name] >= EXAMPLES:
            continue
        known.add(path)
        answer = page.goto(urljoin(home.address, path), wait_until="domcontentloaded")
        if answer is None or answer.status != 200:
            if answer is not None and answer.status >= 500:
                say(f"{name}: answers {answer.status}")
            continue
        if "text/html" not in answer.headers.get("content-type", "") or "/reauth" in page.url:
            continue
        seen[name] += 1
        links: list[str] = page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
        waiting += [urlsplit(link).path for link in links if link.startswith(home.address)]
        yield name, path, len(links)


def missing(taken: set[str]) -> Iterator[str]:
    """Each page that has no picture, and should."""
    for path, name in _patterns():
        if name not in taken and name not in NO_PICTURE and not path.startswith("api/"):
            yield f"no picture of {name} (/{path})"


def _off_the_path() -> Iterator[Spot]:
    """Pages that no link of a working day leads to."""
    from tidings.people.actions import password_link
    from tidings.people.models import User
    from tidings.people.queries import command_actor

    yield Spot("account_login", address_of("account_login"), "")
    yield Spot("mfa_authenticate", address_of("mfa_authenticate"), HALFWAY)
    newcomer = User.objects.get(email="agent@example.org")
    link = password_link(command_actor("shots"), newcomer.pk)
    yield Spot("people:new_password", address_of("people:new_password", *link), "")
    yield Spot("error:password_link", address_of("people:new_password", link[0], "no-longer"), "")
    for name in ("people:forgot_password", "people:forgot_password_sent"):
        yield Spot(name, address_of(name), "")
    yield Spot("error:404", "/no/such/page/", "dispatcher")
    for status in FAULTS:
        yield Spot(f"error:{status}", f"/fault/{status}/", "dispatcher")
    yield Spot("incidents:policy", address_of("incidents:policy", "high"), "administrator")
    for name in ("mfa_activate_totp", "account_change_password"):
        yield Spot(name, address_of(name), "dispatcher")
    yield Spot("account_reauthenticate", address_of("account_reauthenticate"), CAREFUL)
    for name in ("mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_deactivate_totp"):
        yield Spot(name, address_of(name), CAREFUL)
    yield from _to_decide()
    yield from _other_writing()
    yield from _mails()
    yield _sent_again()
    yield _acting()
    yield from _incoming()
    yield from _own_pages()


def _to_decide() -> Iterator[Spot]:
    """What waits for an approval, as somebody reads it who may give it."""
    from tidings.messaging.queries import approvals_missing, waiting_freezes

    for name, kinds, reader in (("decide", 1, "manager"), ("decide:both", 2, "approver")):
        for freeze in [one for one in waiting_freezes() if len(approvals_missing(one.message_id)) == kinds][
            :1
        ]:
            yield Spot(f"messaging:{name}", address_of("messaging:decide", str(freeze.message_id)), reader)


def _other_writing() -> Iterator[Spot]:
    """Where it is another message that is written: a holding notice, a briefing, and a language that comes late."""
    from tidings.incidents.models import Incident, Sending

    storm, spill = Incident.objects.filter(kind__in=("weather", "dangerous_goods")).order_by("number")
    yield Spot(
        "incidents:show:holding", f"{address_of('incidents:show', storm.number)}?phase=holding", "dispatcher"
    )
    yield Spot(
        "incidents:write:briefing", address_of("incidents:write", storm.number, "briefing"), "dispatcher"
    )
    for sent in Sending.objects.filter(incident=spill, phase="first_notice", sent_at__isnull=False)[:1]:
        path = f"{address_of('incidents:write', spill.number, sent.phase)}?completes={sent.message_id}"
        yield Spot("incidents:write:late", path, "dispatcher")


def _own_pages() -> Iterator[Spot]:
    """A customer's own page in each language, as the link in their message opens it; and one that opens nothing."""
    from django.conf import settings

    from tidings.messaging.models import Recipient
    from tidings.messaging.queries import links

    for code, _name in settings.LANGUAGES:
        told = Recipient.objects.filter(language=code).exclude(state="unreachable").order_by("id")
        if told:
            fullest = max(told[:500], key=lambda one: len(one.lines))
            token = links().to(fullest.pk).rpartition("/")[2]
            name = "own:page" if code == "en" else f"own:page:{code}"
            yield Spot(name, address_of("own:page", token), "", language=code)
    yield Spot("own:check", address_of("own:check"), "")
    yield Spot("error:own_page", address_of("own:page", "no-longer"), "")


def _incoming() -> Iterator[Spot]:
    """A bounce that was not applied, and a door that is opened, which a demo may not."""
    from tidings.conversations.models import Arrival

    for stray in Arrival.objects.filter(outcome="unkeyed")[:1]:
        yield Spot("conversations:arrival", address_of("conversations:arrival", str(stray.pk)), "dispatcher")
    for code in ("imap", "http"):
        name = "conversations:new_door" if code == "imap" else f"conversations:new_door:{code}"
        yield Spot(name, address_of("conversations:new_door", code), "administrator")


def _sent_again() -> Spot:
    """Where a message is sent again; no number leads there while everybody is reached."""
    from tidings.incidents.models import Sending

    sent = Sending.objects.filter(phase="first_notice", sent_at__isnull=False).latest("sent_at")
    path = address_of("incidents:again", sent.incident.number, sent.message_id)
    return Spot("incidents:again", path, "dispatcher")


def _acting() -> Spot:
    """The size of putting everybody who is not reached on the call list; a button of the list leads there."""
    from tidings.incidents.models import Sending

    sent = Sending.objects.filter(phase="first_notice", sent_at__isnull=False).latest("sent_at")
    path = address_of("incidents:act", sent.incident.number, sent.phase)
    return Spot("incidents:act", f"{path}?how=call&part=not_reached", "dispatcher")


def _mails() -> Iterator[Spot]:
    """A customer's mail in each language, as its reader sees it."""
    from django.conf import settings

    from tidings.messaging.models import CaughtMail

    for code, _name in settings.LANGUAGES:
        # A briefing for our own people names the incident in its subject; a customer's mail never does.
        mails = CaughtMail.objects.filter(language=code).exclude(subject__contains="INC-")
        mail = mails.order_by("caught_at").last()
        if mail is not None:
            yield Spot(
                f"mail:{code}", address_of("messaging:caught_html", mail.pk), "administrator", language=code
            )


def _plain_addresses() -> list[str]:
    return [f"/{path}" for path, _name in _patterns() if "<" not in path]


def _patterns() -> list[tuple[str, str]]:
    """Every address that answers GET with a page: (pattern, name)."""
    from django.urls import get_resolver

    return list(_walk(get_resolver().url_patterns, "", ""))


def _walk(patterns: list[Any], before: str, space: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            name = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern.url_patterns, path, name)
        elif not _only_posts(pattern.callback):
            yield path, f"{space}{pattern.name or path}"


def _only_posts(view: Any) -> bool:
    """Whether `require_POST` stands around a view: its wrapper closes over the list of methods."""
    while view is not None:
        cells = [cell.cell_contents for cell in (getattr(view, "__closure__", None) or ())]
        if any(cell in (["POST"], ("POST",)) for cell in cells if isinstance(cell, list | tuple)):
            return True
        view = getattr(view, "__wrapped__", None)
    return False


def name_of(path: str) -> str:
    """The name of the page at an address, empty where there is none to look at."""
    from django.urls import Resolver404, resolve

    try:
        match = resolve(path)
    except Resolver404:
        return ""
    return "" if _only_posts(match.func) else match.view_name


def address_of(name: str, *parts: str) -> str:
    from django.urls import reverse

    return reverse(name, args=parts)
