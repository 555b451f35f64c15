"""The SMTP client against servers that behave, and against every way in which they do not."""

import asyncio

import pytest

from tidings.messaging.engine.compile import Mail
from tidings.messaging.engine.line import Line
from tidings.messaging.engine.replies import Reply
from tidings.messaging.engine.sign_in import connect
from tidings.messaging.engine.smtp import ConnectionFailed, Server, SmtpConnection
from tidings.messaging.engine.wire import wire
from tidings.messaging.rules.refusals import Stage
from tidings.messaging.tests.piles import Pile, count, mail, send
from tidings.messaging.tests.sinks import Conversation, Sink, serving

PIPELINING = pytest.mark.parametrize("extensions", [("PIPELINING",), ()], ids=["pipelining", "one by one"])


@PIPELINING
async def test_every_mail_arrives_once_as_it_was_given(extensions: tuple[str, ...]) -> None:
    contents = [b"Subject: x\r\n\r\n.dot\r\n..\r\n.\r\nlast %d\r\n" % at for at in range(20)]
    async with serving(Sink(extensions)) as sink:
        pile = await send(sink, [mail(f"p{at}@example.org", one) for at, one in enumerate(contents)])
    assert [took.content for took in sink.took] == contents
    assert [took.to for took in sink.took] == [b"p%d@example.org" % at for at in range(20)]
    assert set(pile.codes.values()) == {250}
    assert len(pile.intents) == 20
    assert not sink.faults


@PIPELINING
@pytest.mark.parametrize(
    ("word", "stage"), [(b"MAIL", Stage.SENDER), (b"RCPT", Stage.RECIPIENT), (b"DATA", Stage.CONTENT)]
)
@pytest.mark.parametrize("code", [450, 550])
async def test_a_refused_envelope_costs_that_mail_and_no_other(
    extensions: tuple[str, ...], word: bytes, stage: Stage, code: int
) -> None:
    refusals = {2, 3, 5}
    seen = {b"MAIL": 0, b"RCPT": 0, b"DATA": 0}

    def answer(line: bytes, _: Conversation) -> bytes | None:
        if line[:4] == b"MAIL":
            answer.at = int(line[12:].partition(b"@")[0][1:])  # type: ignore[attr-defined]
        if line[:4] == word and answer.at in refusals:  # type: ignore[attr-defined]
            seen[word] += 1
            return b"%d no\r\n" % code
        return None

    async with serving(Sink(extensions, answer)) as sink:
        mails = [Mail(b"bb%d@example.org" % at, b"p%d@example.org" % at, b"x\r\n", False) for at in range(7)]
        pile = await send(sink, mails)
    assert pile.codes == {at: code if at in refusals else 250 for at in range(7)}
    assert {pile.replies[at][0] for at in refusals} == {stage}
    assert [took.to for took in sink.took] == [
        b"p%d@example.org" % at for at in range(7) if at not in refusals
    ]
    assert set(pile.intents) == set(range(7)) - refusals, "no content leaves for a refused envelope"
    assert count(sink, b"RSET") >= 2
    assert not sink.faults


async def test_a_server_that_says_354_without_a_recipient_gets_an_empty_message() -> None:
    def answer(line: bytes, conversation: Conversation) -> bytes | None:
        if line.startswith(b"RCPT TO:<p1@"):
            return b"550 5.1.1 no such user\r\n"
        if line == b"DATA" and conversation.to is None:
            conversation.content = []
            return b"354 go\r\n"
        if line == b"." and conversation.to is None:
            assert conversation.content == []
            return b"554 no valid recipients\r\n"
        return None

    async with serving(Sink(("PIPELINING",), answer)) as sink:
        pile = await send(sink, [mail(f"p{at}@example.org") for at in range(4)])
    assert pile.codes == {0: 250, 1: 550, 2: 250, 3: 250}
    assert [took.to for took in sink.took] == [b"p0@example.org", b"p2@example.org", b"p3@example.org"]


@PIPELINING
async def test_a_content_refused_after_its_end_is_that_mails_answer(extensions: tuple[str, ...]) -> None:
    def answer(line: bytes, conversation: Conversation) -> bytes | None:
        refused = line == b"." and conversation.content is not None and conversation.to == b"p1@example.org"
        return b"554 5.7.1 looks like spam\r\n" if refused else None

    async with serving(Sink(extensions, answer)) as sink:
        pile = await send(sink, [mail(f"p{at}@example.org") for at in range(3)])
    assert pile.codes == {0: 250, 1: 554, 2: 250}
    assert pile.replies[1][0] is Stage.CONTENT


@PIPELINING
@pytest.mark.parametrize("at", [b"MAIL", b"RCPT", b"DATA"])
async def test_421_in_an_envelope_gives_that_mail_back_unsent(extensions: tuple[str, ...], at: bytes) -> None:
    def answer(line: bytes, conversation: Conversation) -> bytes | None:
        return b"421 HL:ICC 4.7.0 slow down\r\n" if line[:4] == at and conversation.count == 2 else None

    async with serving(Sink(extensions, answer)) as sink:
        pile = await send(sink, [mail(f"p{at}@example.org") for at in range(5)])
    assert pile.codes == {0: 250, 1: 250}
    assert pile.returned == [2]
    assert pile.doubts == []
    assert pile.ended == [("closed_by_peer", Reply(421, ("HL:ICC 4.7.0 slow down",)))]
    assert len(sink.took) == 2


async def test_421_after_a_content_is_an_answer_and_never_a_doubt() -> None:
    def answer(line: bytes, conversation: Conversation) -> bytes | None:
        last = line == b"." and conversation.content is not None and conversation.count == 1
        return b"421-4.7.28 unusual rate\r\n421 4.7.28 of mail\r\n" if last else None

    async with serving(Sink(("PIPELINING",), answer)) as sink:
        pile = await send(sink, [mail(f"p{at}@example.org") for at in range(4)])
    assert pile.codes == {0: 250, 1: 421}
    assert pile.returned == [2]
    assert not pile.doubts


@pytest.mark.parametrize("fate", [b"drop", b"hang"])
async def test_a_content_without_an_answer_is_in_doubt_and_the_next_is_unsent(fate: bytes) -> None:
    def answer(line: bytes, conversation: Conversation) -> bytes | None:
        return fate if line == b"." and conversation.content is not None and conversation.count == 1 else None

    async with serving(Sink(("PIPELINING",), answer)) as sink:
        pile = await send(sink, [mail(f"p{at}@example.org") for at in range(4)], content_seconds=0.2)
    assert pile.codes == {0: 250}
    assert pile.doubts == [1]
    assert pile.returned == [2]
    assert pile.ended[0][0] == ("connection_lost" if fate == b"drop" else "too_slow")


async def test_a_peer_that_drips_is_dropped_all_the_same() -> None:
    dripping: set[asyncio.Task[None]] = set()

    async def drip(conversation: Conversation) -> None:
        for byte in b"250 slowly\r\n" * 9:
            conversation.transport.write(bytes([byte]))  # type: ignore[attr-defined]
            await asyncio.sleep(0.05)

    def answer(line: bytes, conversation: Conversation) -> bytes | None:
        if not line.startswith(b"MAIL"):
            return None
        dripping.add(asyncio.ensure_future(drip(conversation)))
        return b"hang"

    async with serving(Sink(("PIPELINING",), answer)) as sink:
        pile = await send(sink, [mail()], reply_seconds=0.2)
        for task in dripping:
            task.cancel()
    assert pile.returned == [0]
    assert pile.ended[0][0] == "too_slow"


@pytest.mark.parametrize(
    "nonsense", [b"hello\r\n", b"999 no\r\n", b"250 ok\r\n250 twice\r\n250 thrice\r\n250 x\r\n", b"2" * 5000]
)
async def test_nonsense_ends_the_connection_and_sends_nothing(nonsense: bytes) -> None:
    async with serving(
        Sink(("PIPELINING",), lambda line, _: nonsense if line[:4] == b"MAIL" else None)
    ) as sink:
        pile = await send(sink, [mail(), mail()])
    assert pile.returned == [0]
    assert not sink.took
    assert not pile.intents


async def test_what_a_server_cannot_take_is_refused_in_its_name() -> None:
    mails = [
        mail("zoë@example.org", utf8=True),
        mail(content=b"x" * 400 + b"\r\n"),
        mail(content=b"a\nb\r\n"),
        mail(),
    ]
    async with serving(Sink(("PIPELINING", "SIZE 100"))) as sink:
        pile = await send(sink, mails)
    assert pile.codes == {0: 553, 1: 552, 2: 554, 3: 250}
    assert len(sink.took) == 1


async def test_an_address_beyond_ascii_goes_where_smtputf8_is_spoken() -> None:
    async with serving(Sink()) as sink:
        await send(sink, [mail("zoë@example.org", utf8=True)])
    assert sink.took[0].to == "zoë@example.org".encode()
    assert b"SMTPUTF8" in next(line for line in sink.lines if line.startswith(b"MAIL"))


async def test_receipts_are_asked_for_where_dsn_is_spoken() -> None:
    async with serving(Sink(("PIPELINING", "DSN"))) as sink:
        await send(sink, [mail()], receipts=True)
    assert count(sink, b"RCPT TO:<p@example.org> NOTIFY=SUCCESS,FAILURE") == 1


async def test_a_server_without_ehlo_is_greeted_with_helo() -> None:
    async with serving(Sink(answer=lambda line, _: b"502 what\r\n" if line[:4] == b"EHLO" else None)) as sink:
        pile = await send(sink, [mail(), mail()])
    assert set(pile.codes.values()) == {250}


@pytest.mark.parametrize(
    ("greeting", "code", "said"),
    [
        (b"554 5.7.1 IP is rejected\r\n", "greeting", 554),
        (b"421 too busy\r\n", "greeting", 421),
        (b"", "unreachable", None),
    ],
)
async def test_a_server_that_does_not_let_us_in_says_so(greeting: bytes, code: str, said: int | None) -> None:
    async with serving(Sink(greeting=greeting)) as sink:
        with pytest.raises(ConnectionFailed) as failed:
            await connect(Server("127.0.0.1", sink.port, security="none", connect_seconds=0.3))
    assert failed.value.code == code
    assert (failed.value.reply.code if failed.value.reply else None) == said


async def test_nobody_there_is_unreachable() -> None:
    with pytest.raises(ConnectionFailed, match="unreachable"):
        await connect(Server("127.0.0.1", 1, security="none"))


def test_the_writer_stuffs_dots_and_keeps_bare_line_ends_from_leaving() -> None:
    assert wire(b".\r\n..a\r\n") == b"..\r\n...a\r\n.\r\n"
    assert wire(b"a") == b"a\r\n.\r\n"
    assert wire(b"a\nb") is None
    assert wire(b"a\rb") is None
    assert wire(b"a\n\r") is None


async def test_a_server_that_greets_before_anybody_waits_for_it_is_heard() -> None:
    """A quick server's greeting comes with the connection itself; it was taken for an unasked reply, and backed off from."""
    connection = SmtpConnection(Server("127.0.0.1", 25))
    connection.connection_made(asyncio.Transport())
    connection.data_received(b"220 here already\r\n")
    assert (await connection.greeting()).code == 220


class _Wire(asyncio.Transport):
    """A transport that only notes what is written, so that a test decides in which pieces a peer answers."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []

    def write(self, data: bytes) -> None:  # type: ignore[override]
        self.written.append(data)

    def abort(self) -> None: ...

    def close(self) -> None: ...


ENVELOPE_TAKEN = b"250 2.1.0 ok\r\n250 2.1.5 ok\r\n354 go\r\n"


@pytest.mark.parametrize("pieces", [1, 2, 7], ids=["in one go", "in two", "in seven"])
@pytest.mark.parametrize(
    ("said", "code"),
    [
        (b"250 2.0.0 queued as 7\r\n", 250),
        (b"554 5.7.1 spam\r\n", 554),
        (b"250-2.0.0 two\r\n250 lines\r\n", 250),
    ],
)
async def test_an_answer_means_the_same_in_however_many_pieces_it_comes(
    pieces: int, said: bytes, code: int
) -> None:
    connection, wire_ = SmtpConnection(Server("127.0.0.1", 25)), _Wire()
    connection.connection_made(wire_)
    connection.data_received(b"220 hello\r\n")
    connection.extensions = {"PIPELINING": "", "SIZE": "1000"}
    pile = Pile([mail(f"p{at}@example.org") for at in range(3)])
    connection.start(pile)
    connection.data_received(ENVELOPE_TAKEN)
    answer = said + ENVELOPE_TAKEN
    step = -(-len(answer) // pieces)
    for at in range(0, len(answer), step):
        assert pile.intents == [0]
        connection.data_received(answer[at : at + step])
    assert pile.codes == {0: code}
    assert pile.intents == [0, 1]
    assert wire_.written[-1] == (
        b"Subject: x\r\n\r\nhello\r\n.\r\n"
        b"MAIL FROM:<b-1@example.org> SIZE=21\r\nRCPT TO:<p2@example.org>\r\nDATA\r\n"
    )


@pytest.mark.parametrize("at", [0, 1, 2])
async def test_no_content_leaves_for_an_answer_that_is_not_wholly_a_yes(at: int) -> None:
    connection, wire_ = SmtpConnection(Server("127.0.0.1", 25)), _Wire()
    connection.connection_made(wire_)
    connection.data_received(b"220 hello\r\n")
    connection.extensions = {"PIPELINING": ""}
    pile = Pile([mail(f"p{at}@example.org") for at in range(3)])
    connection.start(pile)
    connection.data_received(ENVELOPE_TAKEN)
    answers = [b"250 2.1.0 ok", b"250 2.1.5 ok", b"354 go"]
    answers[at] = b"450 4.2.0 later"
    connection.data_received(b"250 2.0.0 taken\r\n" + b"\r\n".join(answers) + b"\r\n")
    assert pile.codes[0] == 250
    assert pile.codes[1] == 450
    assert pile.intents == [0]


async def test_no_more_connections_are_woken_than_the_pace_of_the_server_asks_for() -> None:
    async with serving(Sink()) as sink:
        line = Line(Server("127.0.0.1", sink.port, security="none"))
        pile = Pile([mail(f"p{at}@example.org") for at in range(40)])
        ready = Pile([])
        line.serve(ready, 4)
        async with asyncio.timeout(3):
            while line.open < 4:
                await asyncio.sleep(0.01)
        woken = []
        for connection in line._open:
            connection.answers_after = 0.001
            connection.kick = lambda at=connection: woken.append(at)  # type: ignore[method-assign, misc]
        line.kick(rows=40, seconds=0.1)
        assert len(woken) == 2, (
            "40 rows at a millisecond each take one connection 40 of the 100 milliseconds; one more is a reserve"
        )
        woken.clear()
        line.kick(rows=40, seconds=0.01)
        assert len(woken) == 4
        woken.clear()
        line.kick()
        assert len(woken) == 4, "without a hurry that is known, all"
        for connection in line._open:
            del connection.kick  # type: ignore[attr-defined]
        line.serve(pile, 4)
        async with asyncio.timeout(3):
            while len(pile.codes) < 40:
                await asyncio.sleep(0.01)
        line.close()
    assert set(pile.codes.values()) == {250}


async def test_a_mail_that_comes_while_a_content_waits_sends_its_envelope_at_once() -> None:
    connection, wire_ = SmtpConnection(Server("127.0.0.1", 25)), _Wire()
    connection.connection_made(wire_)
    connection.data_received(b"220 hello\r\n")
    connection.extensions = {"PIPELINING": ""}
    pile = Pile([mail("p0@example.org")])
    connection.start(pile)
    connection.data_received(ENVELOPE_TAKEN)
    assert wire_.written[-1] == b"Subject: x\r\n\r\nhello\r\n.\r\n"
    pile.left += Pile([mail("p0@example.org"), mail("p1@example.org")]).left[1:]
    connection.kick()
    connection.kick()
    assert wire_.written[-1] == b"MAIL FROM:<b-1@example.org>\r\nRCPT TO:<p1@example.org>\r\nDATA\r\n"
    assert pile.intents == [0], "the content waits for its own envelope's answer"
    connection.data_received(b"250 2.0.0 taken\r\n")
    assert pile.codes == {0: 250}
    connection.data_received(ENVELOPE_TAKEN)
    connection.data_received(b"250 2.0.0 taken\r\n")
    assert pile.codes == {0: 250, 1: 250}
    assert [written[:4] for written in wire_.written].count(b"MAIL") == 2
