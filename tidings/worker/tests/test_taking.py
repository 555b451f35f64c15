"""The catcher's half of a conversation, over a real connection: order, pipelining, ends of contents, what it does not take."""

import asyncio
import re

import pytest

from tidings.worker.taking import LARGEST, Conversation

Kept = tuple[str, list[str], bytes]
ENVELOPE = b"MAIL FROM:<a@example.org> SIZE=10\r\nRCPT TO:<b@example.org>\r\nDATA\r\n"


def talk(said: bytes, *, pieces: int = 1, seconds: float = 0.0) -> tuple[list[int], list[Kept]]:
    """Says all of it at once or in pieces, then QUIT; gives the codes answered and the mails kept, each after `seconds`."""
    kept: list[Kept] = []

    async def work() -> bytes:
        loop = asyncio.get_running_loop()

        def take(sender: str, recipients: list[str], raw: bytes, done: object) -> None:
            kept.append((sender, recipients, raw))
            loop.call_later(seconds, done)  # type: ignore[arg-type]

        server = await loop.create_server(lambda: Conversation(take), "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
        whole = said + b"QUIT\r\n"
        size = -(-len(whole) // pieces)
        for start in range(0, len(whole), size):
            writer.write(whole[start : start + size])
            await writer.drain()
            await asyncio.sleep(0.001 if pieces > 1 else 0)
        answered = await asyncio.wait_for(reader.read(), 20)
        writer.close()
        server.close()
        return answered

    answers = asyncio.run(work())
    return [int(code) for code in re.findall(rb"(?m)^(\d{3}) ", answers)], kept


@pytest.mark.parametrize("pieces", [1, 3, 200])
def test_mails_said_in_one_go_are_each_kept_and_answered_in_order(pieces: int) -> None:
    contents = [
        b"Subject: one\r\n\r\n..dot\r\nlast\r\n.\r\n",
        b".\r\n",
        b"..only\r\n.\r\n",
        b"a\n.\nb\r.\r\r\n.\r\n",
    ]
    said = b"EHLO me\r\n" + b"".join(ENVELOPE + content for content in contents)
    codes, kept = talk(said, pieces=pieces, seconds=0.002)
    assert codes == [220, 250, *[250, 250, 354, 250] * 4, 221]
    assert [raw for _, _, raw in kept] == [
        b"Subject: one\r\n\r\n.dot\r\nlast\r\n",
        b"",
        b".only\r\n",
        b"a\n.\nb\r.\r\r\n",
    ]
    assert kept[0][:2] == ("a@example.org", ["b@example.org"])


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (b"RCPT TO:<b@example.org>\r\n", 503),
        (b"DATA\r\n", 503),
        (b"MAIL FROM:<a@example.org>\r\nDATA\r\n", 503),
        (b"MAIL FROM:<a@example.org>\r\nMAIL FROM:<a@example.org>\r\n", 503),
        (b"MAIL a@example.org\r\n", 501),
        (b"MAIL FROM:<>\r\nRCPT TO:<>\r\n", 501),
        (b"MAIL FROM:<a@example.org> SIZE=%d\r\n" % (LARGEST + 1), 552),
        (b"TURN\r\n", 500),
        (b"noop\r\n", 250),
        (b"MAIL FROM:<a@example.org>\r\nRSET\r\nRCPT TO:<b@example.org>\r\n", 503),
    ],
)
def test_what_is_out_of_order_or_nonsense_is_refused(said: bytes, code: int) -> None:
    codes, kept = talk(said)
    assert (codes[-2:], kept) == ([code, 221], [])


def test_a_content_that_is_too_big_is_not_kept_and_the_next_mail_is() -> None:
    big = b"x" * 998 + b"\r\n"
    said = ENVELOPE + big * (LARGEST // len(big) + 2) + b".\r\n" + ENVELOPE + b"small\r\n.\r\n"
    codes, kept = talk(said)
    assert codes == [220, 250, 250, 354, 552, 250, 250, 354, 250, 221]
    assert [raw for *_, raw in kept] == [b"small\r\n"]


def test_a_line_without_end_ends_the_conversation() -> None:
    codes, _ = talk(b"x" * 9000)
    assert codes[-1] == 500
