"""Compiled mails: what every value becomes, what is refused, and that no text in any field makes a second message."""

import asyncio
import base64
import email
import email.policy
import hmac
import re
from datetime import UTC, datetime
from email.message import EmailMessage
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tidings.kernel.ids import new_id
from tidings.messaging.engine.compile import Identity, Mail, MailSkeleton, Values
from tidings.messaging.engine.encoders import BadSlot, mailbox
from tidings.messaging.engine.filled import is_plain
from tidings.messaging.engine.text import Paragraph, Slot, Text, TextProblem
from tidings.messaging.engine.tokens import Links, Tokens
from tidings.messaging.engine.wire import wire
from tidings.messaging.tests.piles import Pile, send
from tidings.messaging.tests.postfix import postfix
from tidings.messaging.tests.sinks import Sink, serving

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
IDENTITY = Identity(
    "Parcel ✓", "status@example.org", "bounce.example.org", "reply.example.org", Tokens(b"key")
)
TEXT = Text(
    ("Delay: ", Slot("what"), " — Köln"),
    (
        Paragraph("greeting", ("Dear ", Slot("name"), ",")),
        Paragraph("news", (".\n..leading dots\nFrom here; 100 % {sure} <b>\n", Slot("what"))),
        Paragraph("shipment", (Slot("waybill"), ": ", Slot("effect"))),
        Paragraph(
            "more", ("See https://status.example.org/a?b=1&c and https://x.example.org/", Slot("code"), ".")
        ),
    ),
)
SKELETON = MailSkeleton(TEXT, IDENTITY, "en")


def render(
    name: str = "Zoë", what: str = "delayed", address: str = "p@example.org", rows: int = 2, **row: str
) -> Mail:
    line = {"waybill": "JJ1", "effect": "vertraagd", **row}
    return SKELETON.render(new_id(), name, address, Values({"name": name, "what": what}, [line] * rows), NOW)


def parsed(mail: Mail) -> EmailMessage:
    return email.message_from_bytes(mail.content, policy=email.policy.default)  # type: ignore[return-value]


def plain(mail: Mail) -> str:
    return str(parsed(mail).get_body(("plain",)).get_content()).replace("\r\n", "\n")  # type: ignore[union-attr]


def html(mail: Mail) -> str:
    return str(parsed(mail).get_body(("html",)).get_content()).replace("\r\n", "\n")  # type: ignore[union-attr]


def test_a_mail_says_the_same_in_both_parts_and_carries_its_ids() -> None:
    delivery = new_id()
    values = Values({"name": "Zoë & <Søns>", "what": "延误"}, [{"waybill": ".JJ1", "effect": "50 %"}])
    mail = SKELETON.render(delivery, "Zoë & Søns", "zoe@exämple.org", values, NOW)
    message = parsed(mail)
    assert message["Subject"] == "Delay: 延误 — Köln"
    assert message["To"] == "Zoë & Søns <zoe@xn--exmple-cua.org>"
    assert message["From"] == "Parcel ✓ <status@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == NOW
    tokens = IDENTITY.tokens
    for carried in (str(message["Message-ID"]), mail.sender.decode(), str(message["Reply-To"])):
        assert tokens.delivery_of(carried) == delivery
    assert plain(mail).startswith(
        "Dear Zoë & <Søns>,\n\n.\n..leading dots\nFrom here; 100 % {sure} <b>\n延误\n\n.JJ1: 50 %\n\nSee https://"
    )
    assert f"x.example.org/{tokens.carried(delivery).code}." in plain(mail)
    assert "<p>Dear Zoë &amp; &lt;Søns&gt;,</p>" in html(mail)
    assert "<li>.JJ1: 50 %</li>" in html(mail)
    assert '<a href="https://status.example.org/a?b=1&amp;c">' in html(mail)


def test_a_paragraph_that_holds_nothing_leaves_no_empty_lines_in_the_plain_part() -> None:
    text = Text(
        ("Delay",),
        (
            Paragraph("news", ("It is late.",)),
            Paragraph("more", (Slot("more"), Slot("zone"))),
            Paragraph("close", ("Goodbye.",)),
        ),
    )
    skeleton = MailSkeleton(text, IDENTITY, "en")

    def said(more: str, zone: str) -> str:
        values = Values({"more": more, "zone": zone}, [])
        return plain(skeleton.render(new_id(), "Zoë", "p@example.org", values, NOW)).strip()

    assert said("", "") == "It is late.\n\nGoodbye."
    assert said("", "Times are in Dutch time.") == "It is late.\n\nTimes are in Dutch time.\n\nGoodbye."
    assert (
        said("And 3 more. ", "Tijden: ë" * 20)
        == f"It is late.\n\nAnd 3 more.\n\n{'Tijden: ë' * 20}\n\nGoodbye."
    )
    with pytest.raises(BadSlot):
        said("two\nlines", "")


LINKS = Links("https://tidings.example.org", b"key", (b"an older key",))
OWN_PAGE = Text(
    ("Delay",),
    (
        Paragraph("shipment", (Slot("waybill"),)),
        Paragraph("after_shipments", (Slot("more"), Slot("zone"))),
        Paragraph("your_page", ("All of it: ", Slot("link"), "\nKeep it.")),
    ),
)


def test_the_readers_own_link_can_be_pressed_and_stands_whole_in_the_plain_part() -> None:
    recipient = new_id()
    link = LINKS.to(recipient)
    values = Values({"more": f"And 393 more: {link} ", "zone": "Times.", "link": link}, [{"waybill": "1"}])
    mail = MailSkeleton(OWN_PAGE, IDENTITY, "en").render(new_id(), "Zoë", "p@example.org", values, NOW)
    assert f"And 393 more: {link}\n\nTimes.\n" in plain(mail)
    assert f"All of it: {link}\nKeep it." in plain(mail)
    assert f'And 393 more: <a href="{link}">{link}</a> Times.' in html(mail)
    assert "overflow-wrap:anywhere" in html(mail), (
        "so long a link breaks on a telephone, or the whole mail is too wide"
    )
    assert f'All of it: <a href="{link}">{link}</a><br>\nKeep it.' in html(mail)
    assert max(map(len, mail.content.partition(b"\r\n\r\n")[2].split(b"\r\n"))) <= 76
    assert LINKS.recipient_of(link.rpartition("/")[2]) == recipient


@pytest.mark.parametrize("bad", ['https://x.example.org/"onclick', "javascript:x", "https://x/\r\n.", "x"])
def test_what_is_no_link_of_ours_is_refused_in_its_slot(bad: str) -> None:
    values = Values({"more": "", "zone": "", "link": bad}, [{"waybill": "1"}])
    with pytest.raises(BadSlot):
        MailSkeleton(OWN_PAGE, IDENTITY, "en").render(new_id(), "Zoë", "p@example.org", values, NOW)


def test_a_link_of_an_older_key_is_read_and_a_forged_one_names_nobody() -> None:
    recipient, other = new_id(), new_id()
    token = LINKS.to(recipient).rpartition("/")[2]
    assert len(token) == 35 and token[-1].isalnum()
    assert Links("", b"new", (b"key",)).recipient_of(token) == recipient
    assert Links("", b"new").recipient_of(token) is None
    stranger = Links("", b"x").to(other).rpartition("/")[2]
    carried = IDENTITY.tokens.carried(recipient)
    marked = base64.urlsafe_b64encode(recipient.bytes + carried.marks[:10])[:-1].decode()
    forged = [
        token[:-1],
        token[:-1] + "B",
        token + "A",
        f"{token}=",
        token.swapcase(),
        "",
        "é" * 35,
        "!" * 35,
        stranger,
    ]
    assert {LINKS.recipient_of(one) for one in forged} == {None}
    assert Links("", b"another key").recipient_of(marked) is None


@pytest.mark.parametrize("bad", ["\r", "\n", "\0", "\x1b", "\x85", "\u2028", "\ud800", "a\r\n.\r\nMAIL"])
def test_a_control_character_is_refused_in_every_slot(bad: str) -> None:
    for slot in ("name", "what", "waybill", "effect"):
        with pytest.raises(BadSlot, match="control_character"):
            render(**{slot: f"x{bad}y"})


@pytest.mark.parametrize(
    "address",
    ["", "x", "x@", "@x.org", "a b@x.org", "a@x..org", "a@-x.org", "<a@x.org>", "a@x.org>\r\nRCPT TO:<b@x.org",
     "a@x.org,b@x.org", '"a b"@x.org', "a@[1.2.3.4]", "a\0@x.org", ".a@x.org", "a" * 65 + "@x.org", "a@" + "x" * 64 + ".org"],
)  # fmt: skip
def test_an_odd_address_is_refused(address: str) -> None:
    with pytest.raises(BadSlot):
        mailbox(address)


def test_a_slot_that_nobody_fills_is_named_as_the_texts_fault() -> None:
    with pytest.raises(BadSlot, match="slot_missing"):
        SKELETON.render(new_id(), "Zoë", "p@example.org", Values({"name": "Zoë"}, []), NOW)


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("{}", "subject_missing"),
        ('{"subject": ["x"]}', "body_missing"),
        ('{"subject": ["x"], "paragraphs": [["shipment", []], ["a", []], ["shipment", []]]}', "row_twice"),
    ],
)
def test_a_frozen_text_at_fault_says_how(source: str, code: str) -> None:
    with pytest.raises(TextProblem, match=code):
        Text.load(source)


def test_a_forbidden_character_in_the_text_is_found_when_it_is_compiled() -> None:
    for text in (Text(("a\x07",), TEXT.paragraphs), Text(("a",), (Paragraph("x", ("b\x07",)),))):
        with pytest.raises(TextProblem, match="control_character"):
            MailSkeleton(text, IDENTITY, "en")


def test_a_frozen_text_comes_back_as_it_went() -> None:
    assert Text.load(TEXT.dump()) == TEXT


WORDS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=120)
ANYTHING = st.one_of(
    st.text(max_size=200),
    st.sampled_from(
        ["\r\n.\r\n", ".\r\nMAIL FROM:<a@b.c>\r\n", "\n\nX: y", "=?utf-8?q?a?=", "=3D=\r\n", "--=_tidings--"]
    ),
)


@given(WORDS, WORDS, WORDS)
@settings(max_examples=60, deadline=None)
def test_whatever_is_said_arrives_as_it_was_said(name: str, what: str, effect: str) -> None:
    mail = render(name, what, effect=effect)
    text = plain(mail)
    assert f"Dear {name},\n" in text
    assert f"JJ1: {effect}\n" in text
    lines = mail.content.split(b"\r\n")
    head, _, body = mail.content.partition(b"\r\n\r\n")
    assert max(map(len, body.split(b"\r\n"))) <= 78
    assert all(len(line) <= 78 for line in head.split(b"\r\n") if b"=?" in line)
    assert not any(line.startswith((b".", b"From ")) for line in lines)
    assert mail.content.isascii()
    assert mail.plain
    assert wire(mail.content) == mail.content + b".\r\n"
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", mail.content)
    # The standard library's reader drops unusual blanks at a header's end; what shows must be the same.
    assert "".join(str(parsed(mail)["Subject"]).split()) == "".join(f"Delay: {what} — Köln".split())


FIELDS = st.tuples(ANYTHING, ANYTHING, ANYTHING, ANYTHING)


def compiled(fields: list[tuple[str, str, str, str]]) -> list[Mail]:
    """Whatever of these can be said at all."""
    mails = []
    for name, what, waybill, effect in fields:
        try:
            mails.append(render(name, what, waybill=waybill, effect=effect))
        except BadSlot:
            continue
    return mails


async def _to_a_strict_sink(mails: list[Mail]) -> tuple[Sink, Pile]:
    async with serving(Sink()) as sink:
        return sink, await send(sink, list(mails))


@given(st.lists(FIELDS, min_size=20, max_size=40))
@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
def test_any_text_in_any_field_is_exactly_one_message_at_a_strict_sink(
    fields: list[tuple[str, str, str, str]],
) -> None:
    mails = compiled(fields)
    sink, pile = asyncio.run(_to_a_strict_sink(mails))
    assert [took.content for took in sink.took] == [mail.content for mail in mails]
    assert set(pile.codes.values()) <= {250}
    assert not sink.faults


@given(
    st.lists(
        st.binary(max_size=4) | st.sampled_from([b".", b"\r", b"\n", b"\r\n", b"\r\n.", b"a\r\n"]), max_size=9
    )
)
def test_parts_that_are_plain_each_make_a_whole_that_goes_out_as_it_is(parts: list[bytes]) -> None:
    whole = b"".join(parts) + b"\r\n"
    if all(is_plain([part]) for part in parts):
        assert wire(whole) == whole + b".\r\n"


HOSTILE = [
    "\r\n.\r\nMAIL FROM:<evil@example.org>\r\nRCPT TO:<all@example.org>\r\nDATA\r\n",
    "\n.\nMAIL FROM:<evil@example.org>\n",
    "\r.\r",
    "....",
    ".",
    "x" * 3000,
    "张伟" * 400,
    "a\u2028.\u2028b",
    "=2E=0D=0A.=0D=0A",
    "\u202e.\u202c",
]


def test_any_text_in_any_field_is_exactly_one_message_at_a_real_postfix() -> None:
    draw = [(value, value, value, value) for value in HOSTILE]
    draw += [("Ilse", value, "JJ1", value) for value in HOSTILE]
    mails = [*compiled(draw), *[render("Ilse", f"{value[:40]!r}") for value in HOSTILE]]

    async def through() -> Sink:
        async with serving(Sink()) as behind:
            with postfix(behind.port) as port:
                front = Sink()
                front.port = port
                pile = await send(front, list(mails), content_seconds=30)
                assert set(pile.codes.values()) == {250}
                async with asyncio.timeout(20):
                    while len(behind.took) < len(mails):
                        await asyncio.sleep(0.05)
                await asyncio.sleep(0.3)
            return behind

    behind = asyncio.run(through())
    assert len(mails) >= 10
    assert len(behind.took) == len(mails), "each is one message behind Postfix too"
    assert {took.to for took in behind.took} == {b"p@example.org"}
    ids = {str(email.message_from_bytes(took.content)["Message-ID"]) for took in behind.took}
    assert len(ids) == len(mails)


@pytest.mark.parametrize("key", [b"k", b"k" * 64, b"k" * 65])
def test_a_token_is_an_hmac_of_its_delivery(key: bytes) -> None:
    delivery = new_id()
    assert Tokens(key).carried(delivery).marks == hmac.digest(key, delivery.bytes, "sha256")


def test_a_token_that_was_touched_names_no_delivery() -> None:
    tokens, delivery = Tokens(b"key"), new_id()
    path = tokens.carried(delivery).return_path.decode() + "@b.org"
    assert tokens.delivery_of(path.upper()) == delivery
    for forged in (
        path.replace("b-", "r-"),
        path[:10] + ("a" if path[10] != "a" else "b") + path[11:],
        "b-@b.org",
        "ilse@b.org",
        "b-" + "7" * 50,
    ):
        assert tokens.delivery_of(forged) is None
    assert Tokens(b"other").delivery_of(path) is None
    assert Tokens(b"new", (b"key",)).delivery_of(path) == delivery
    assert len(path.partition("@")[0]) <= 64
    assert UUID(int=delivery.int) == delivery


def test_a_text_without_the_shipment_row_gets_no_empty_list_item() -> None:
    bare = MailSkeleton(Text(TEXT.subject, TEXT.paragraphs[:2]), IDENTITY, "en")
    lines = [{"waybill": "JJ1", "effect": "late"}] * 2
    mail = bare.render(new_id(), "Zoë", "p@example.org", Values({"name": "Zoë", "what": "x"}, lines), NOW)
    assert "<li>" not in html(mail) and "<ul>" not in html(mail)
    assert "Dear Zoë" in plain(mail)
