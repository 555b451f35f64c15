"""SMPP as octets: whatever comes over the line is read or refused, never stumbled over; and what is said is what was meant."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from tidings.messaging.channels.smpp_wire import (
    BadPdu,
    Command,
    Pdu,
    bind,
    delivered,
    message_id,
    read_pdus,
    receipt_said,
    sender_of,
    submits,
)
from tidings.messaging.rules.segments import septets, short_message, text_of_septets

GSM = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡AZÄÖÑÜ§¿azäöñüà\f^{}\\[~]|€"


@given(st.binary(max_size=400))
def test_no_octets_make_a_reader_stumble(octets: bytes) -> None:
    buffer = bytearray(octets)
    try:
        for pdu in read_pdus(buffer):
            assert len(pdu.body) < len(octets)
    except BadPdu:
        pass
    try:
        told = delivered(octets)
    except BadPdu:
        return
    assert isinstance(told.text, str)
    assert len(told.joined) == 3
    assert receipt_said(told).reference is not None


@given(st.binary(max_size=60), st.binary(max_size=255), st.integers(0, 255), st.integers(0, 255))
def test_a_body_that_begins_well_may_go_on_as_it_likes(
    rest: bytes, content: bytes, esm_class: int, coding: int
) -> None:
    head = b"\0\1\1" + b"31612345678\0" + b"\1\1Parcel\0" + bytes([esm_class, 0, 0]) + b"\0\0"
    told = delivered(head + bytes([0, 0, coding, 0, len(content)]) + content + rest)
    assert told.source == "31612345678"
    assert isinstance(told.text, str)
    assert len(told.joined) == 3
    receipt_said(told)


@given(st.lists(st.binary(max_size=50), max_size=5), st.integers(1, 30))
def test_what_comes_in_pieces_is_read_whole(bodies: list[bytes], size: int) -> None:
    said = [Pdu(Command.DELIVER, number, body=body) for number, body in enumerate(bodies, 1)]
    stream = b"".join(pdu.octets() for pdu in said)
    buffer, read = bytearray(), []
    for at in range(0, len(stream), size):
        buffer += stream[at : at + size]
        read += list(read_pdus(buffer))
    assert read == said
    assert not buffer


@given(st.text(alphabet=GSM, max_size=400))
def test_a_text_in_the_gsm_alphabet_comes_back_as_it_was(text: str) -> None:
    assert text_of_septets(septets(text)) == text


@given(st.text(max_size=500).filter(lambda text: text.strip() != ""))
def test_the_segments_of_any_text_join_to_it_and_none_is_too_long(text: str) -> None:
    try:
        text.encode("utf-16-be")
    except UnicodeEncodeError:
        return
    bodies = submits(sender_of("Parcel"), "31612345678", text, 7)
    joined = ""
    for number, body in enumerate(bodies, 1):
        told = delivered(body)  # of one form with submit_sm
        assert len(told.content) <= (160 if told.data_coding == 0 else 140)
        assert told.joined == ((7, len(bodies), number) if len(bodies) > 1 else (0, 1, 1))
        joined += told.text
    assert joined == text
    assert len(bodies) == short_message(text).number


def test_a_password_or_a_name_that_is_too_long_is_cut_and_never_runs_into_the_next_field() -> None:
    body = bind("s" * 40, "p" * 40, "t\0ype")
    assert body == b"s" * 15 + b"\0" + b"p" * 8 + b"\0" + b"type\0" + bytes([0x34, 0, 0]) + b"\0"


def test_a_length_that_lies_is_refused() -> None:
    for length in (0, 15, 1 << 17):
        try:
            list(read_pdus(bytearray(struct.pack(">IIII", length, 5, 0, 1))))
        except BadPdu:
            continue
        raise AssertionError(length)


def test_an_answer_without_an_id_has_none() -> None:
    assert (message_id(b""), message_id(b"abc\0")) == ("", "abc")
