"""The template language: what it reads, and what it refuses with the line at fault."""

import pytest

from tidings.messaging.engine.template import Paragraph, Slot, Text, TextProblem, parse

TEXT = """Delay at {place}: {shipment_count} shipments

Dear {name},
good day.

- one {{brace}}
- two

{#shipments}
{waybill}: {effect}

{/shipments}

Next: {next_update_by}
"""


def test_a_text_is_read_into_subject_paragraphs_list_and_row() -> None:
    read = parse(TEXT)
    assert read.subject == ("Delay at ", Slot("place"), ": ", Slot("shipment_count"), " shipments")
    assert [part.kind for part in read.paragraphs] == ["text", "list", "row", "text"]
    assert read.paragraphs[0].lines == (("Dear ", Slot("name"), ","), ("good day.",))
    assert read.paragraphs[1] == Paragraph("list", (("one {brace}",), ("two",)))
    assert read.paragraphs[2].lines == ((Slot("waybill"), ": ", Slot("effect")), ())
    assert read.shared_slots == {"place", "next_update_by"}
    assert read.row_slots == {"waybill", "effect"}


@pytest.mark.parametrize(
    ("source", "code", "line"),
    [
        ("", "subject_missing", 1),
        ("\n\nSubject\n", "body_missing", 4),
        ("Subject\nat once\n", "subject_lines", 2),
        ("Subject\n\n{#shipments}\n{waybill}\n", "row_unclosed", 3),
        ("Subject\n\n{/shipments}\n", "row_unopened", 3),
        ("S\n\n{#shipments}\nx\n{/shipments}\n{#shipments}\nx\n{/shipments}\n", "row_twice", 6),
        ("Subject\n\nHello {Name}\n", "brace", 3),
        ("Subject\n\nHello {name\n", "brace", 3),
        ("Subject\n\nbell \x07\n", "control_character", 3),
    ],
)
def test_a_text_at_fault_names_its_line(source: str, code: str, line: int) -> None:
    with pytest.raises(TextProblem) as problem:
        parse(source)
    assert (problem.value.code, problem.value.line) == (code, line)


def test_a_frozen_text_comes_back_as_it_went() -> None:
    text = Text(TEXT, "nl", {"place": "鹿特丹 {name}"}, {"effect": {"delayed": "vertraagd", "": "onbekend"}})
    assert Text.load(text.dump()) == text
