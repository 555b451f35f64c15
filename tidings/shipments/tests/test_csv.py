"""CSV of any dialect: what was written is what is read, and a broken record never swallows its neighbours."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidings.kernel.errors import Refused
from tidings.shipments.importers.base import Declared, Row
from tidings.shipments.importers.csv import Csv

TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00\r\n\ufeff"), max_size=12)
BROKEN = st.sampled_from(
    ["two\nlines", "two\r\nlines", "two\rlines", 'a "quoted" word', "a;b,c\td|e", " blank "]
)


def read(data: bytes, **declared: Any) -> tuple[list[str], list[Row]]:
    table = Csv().open(io.BytesIO(data), Declared(**declared))
    return table.columns, list(table.rows())


@given(
    rows=st.lists(st.lists(TEXT | BROKEN, min_size=3, max_size=3), min_size=1, max_size=6),
    delimiter=st.sampled_from(",;\t|"),
    line_end=st.sampled_from(["\n", "\r", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
)
def test_any_text_in_any_dialect_comes_back(
    rows: list[list[str]], delimiter: str, line_end: str, encoding: str
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writerows([["one", "two", "三"], *rows])
    declared = {"encoding": "gb18030"} if encoding == "gb18030" else {}
    columns, found = read(out.getvalue().encode(encoding), delimiter=delimiter, **declared)
    assert columns == ["one", "two", "三"]
    assert [row.cells for row in found] == rows
    assert not any(row.wrong for row in found)


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("Naam;Plaats\nRenée;Zoë\n".encode(), "utf-8"),
        ("\ufeffNaam;Plaats\nRenée;x\n".encode(), "utf-8"),
        ("Naam;Plaats\nRenée;Zoë\n".encode("latin-1"), "cp1252"),
        ("姓名;城市\n王小明;上海\n".encode("gb18030"), "gb18030"),
        ("姓名;城市\n王小明;上海\n".encode("utf-16"), "utf-16-le"),
        ("Name;City\nAnn;Ely\n".encode("utf-16-be"), "utf-16-be"),
        (b"Name;City\nAnn;Ely\n", "utf-8"),
    ],
)
def test_the_encoding_is_found_out(data: bytes, encoding: str) -> None:
    table = Csv().open(io.BytesIO(data), Declared())
    assert table.dialect.encoding == encoding
    assert "\ufffd" not in "".join(table.columns) and len(table.columns) == 2


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "shipments.file_empty"),
        (b"PK\x03\x04 a zip bomb", "shipments.file_is_archive"),
        (b"\x1f\x8b a gzip", "shipments.file_is_archive"),
        (b"%PDF-1.7", "shipments.file_is_binary"),
        (bytes(range(0, 256)) * 20 + b"\x00" * 9000, "shipments.file_is_binary"),
        (b"\n\n\n", "shipments.file_has_no_columns"),
        (b";" * 500 + b"\n", "shipments.file_has_no_columns"),
        (b"a;" * 500 + b"\n", "shipments.file_has_too_many_columns"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_its_reason(data: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read(data)
    assert refused.value.code == code


def test_an_open_quote_costs_its_own_row_only() -> None:
    _, rows = read(b'a,b\n1,x\n2,"never closed\n3,y\n4,z\n')
    assert [(row.line, row.cells, row.wrong) for row in rows] == [
        (2, ["1", "x"], ""),
        (3, ["2", '"never closed'], "unreadable"),
        (4, ["3", "y"], ""),
        (5, ["4", "z"], ""),
    ]


def test_a_row_knows_the_line_it_begins_on_and_blank_lines_do_not_count_as_rows() -> None:
    _, rows = read(b'a,b\n"1\nand 2",x\n\n3,y\n4\n')
    assert [(row.line, row.wrong) for row in rows] == [(2, ""), (5, ""), (6, "cell_count")]


def test_columns_of_one_name_are_told_apart() -> None:
    columns, _ = read(b"a,a, ,b  c\n1,2,3,4\n")
    assert columns == ["a", "a (2)", "#3", "b c"]


def test_one_stray_byte_does_not_change_the_encoding_of_a_file() -> None:
    text = "naam,plaats\n" + "Renée,Zoë\n" * 20
    table = Csv().open(io.BytesIO(text.encode() + b"Ren\xe9,x\n"), Declared())
    assert table.dialect.encoding == "utf-8"
    assert list(table.rows())[-1].cells == ["Ren\udce9", "x"]


def test_a_rejected_row_is_written_in_the_files_own_dialect() -> None:
    source = "\ufeffa;b\r\nRenée;=1+1\r\n".encode()
    table = Csv().open(io.BytesIO(source), Declared())
    out = io.BytesIO()
    write = Csv().writer(table.dialect, out)
    write(table.columns)
    for row in table.rows():
        write(row.cells)
    assert out.getvalue() == "\ufeffa;b\r\nRenée;'=1+1\r\n".encode()
