"""EPCIS: identifiers become the numbers in barcodes, documents become rows, and a fault is named by its JSON path."""

import copy
import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.samples import sample
from tidings.kernel.errors import Refused
from tidings.shipments.importers.base import Declared
from tidings.shipments.importers.epc import check_digit, identifier, place_code
from tidings.shipments.importers.epcis import Epcis
from tidings.ui.words import labels

CONTEXT = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"


def event(**more: Any) -> dict[str, Any]:
    return {
        "type": "ObjectEvent",
        "eventTime": "2026-11-20T13:00:00+01:00",
        "eventTimeZoneOffset": "+01:00",
        "action": "OBSERVE",
        "bizStep": "arriving",
        "epcList": ["urn:epc:id:sscc:0614141.1234567890"],
        "readPoint": {"id": "urn:epc:id:sgln:0614141.00777.0"},
        **more,
    }


def document(*events: Any, **more: Any) -> dict[str, Any]:
    return {
        "@context": [CONTEXT, {"ext": "https://ns.example.org/"}],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-11-20T12:00:00Z",
        "epcisBody": {"eventList": list(events)},
        **more,
    }


def rows(read: Any) -> list[dict[str, str]]:
    content = read if isinstance(read, bytes) else json.dumps(read).encode()
    table = Epcis().open(io.BytesIO(content), Declared())
    return [dict(zip(table.columns, row.cells, strict=True)) for row in table.rows()]


@pytest.mark.parametrize(
    ("uri", "kind", "number"),
    [
        ("urn:epc:id:sscc:0614141.1234567890", "sscc", "00106141412345678908"),
        ("https://id.gs1.org/00/106141412345678908", "sscc", "00106141412345678908"),
        ("urn:epc:id:sgtin:0614141.107346.2017", "sgtin", "0110614141073464212017"),
        ("https://example.org/x/01/10614141073464/21/2017", "sgtin", "0110614141073464212017"),
        ("https://id.gs1.org/01/4012345123456/21/A%2F1", "sgtin", "010401234512345621A/1"),
        ("urn:epc:id:grai:4012345.55555.987", "grai", "800304012345555554987"),
        ("https://id.gs1.org/8003/04012345555554987", "grai", "800304012345555554987"),
        ("urn:epc:id:giai:4000001.12345", "giai", "8004400000112345"),
        ("urn:epc:id:ginc:0614141.xyz47", "ginc", "0614141xyz47"),
        ("urn:epc:id:gsin:0614141.123456789", "gsin", "06141411234567890"),
        ("urn:epc:id:gsrn:95252084.000000001", "other", "urn:epc:id:gsrn:95252084.000000001"),
        ("https://carrier.example.org/parcel/77", "other", "https://carrier.example.org/parcel/77"),
    ],
)
def test_one_thing_has_one_number_however_its_identifier_is_written(uri: str, kind: str, number: str) -> None:
    found = identifier(uri)
    assert (found.kind, found.number) == (kind, number)


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("urn:epc:id:sgln:0614141.00777.0", "0614141007776"),
        ("urn:epc:id:sgln:0614141.00777.400", "0614141007776.400"),
        ("https://id.gs1.org/414/4012345000115", "4012345000115"),
        ("https://id.gs1.org/414/4012345000115/254/12", "4012345000115.12"),
        ("https://carrier.example.org/places/NLVEN-H1", "NLVEN-H1"),
        ("geo:52.1,4.9", ""),
    ],
)
def test_a_place_is_its_gln_or_the_last_part_of_an_address(uri: str, code: str) -> None:
    assert place_code(uri) == code


@pytest.mark.parametrize(
    ("digits", "check"), [("10614141234567890", "8"), ("629104150021", "3"), ("000", "0")]
)
def test_check_digits_are_those_of_gs1(digits: str, check: str) -> None:
    assert check_digit(digits) == check


@pytest.mark.parametrize(
    "step",
    [
        "arriving",
        "cbv:BizStep-arriving",
        "https://ref.gs1.org/cbv/BizStep-arriving",
        "urn:epcglobal:cbv:bizstep:arriving",
    ],
)
def test_a_word_of_the_vocabulary_is_the_same_in_every_spelling(step: str) -> None:
    assert rows(document(event(bizStep=step)))[0]["what"] == "arriving"


def test_a_word_of_ones_own_is_its_whole_address() -> None:
    assert rows(document(event(bizStep="ext:docking")))[0]["what"] == "https://ns.example.org/docking"


def test_harm_is_told_before_the_step_and_a_quiet_disposition_after_it() -> None:
    harmed = rows(document(event(disposition="damaged"), event(disposition="in_transit")))
    assert [row["what"] for row in harmed] == ["damaged", "arriving"]


def test_every_thing_of_an_event_is_a_row_and_a_consignment_names_them_all() -> None:
    packed = event(type="AggregationEvent", parentID="urn:epc:id:sscc:0614141.1234567890")
    del packed["epcList"]
    packed["childEPCs"] = ["urn:epc:id:sgtin:0614141.107346.2017", "urn:epc:id:ginc:0614141.xyz47"]
    found = rows(document(packed))
    assert [(row["consignment"], row["number"]) for row in found] == [
        ("0614141xyz47", "00106141412345678908"),
        ("0614141xyz47", "0110614141073464212017"),
    ]


def test_a_bill_of_lading_is_found_among_the_documents() -> None:
    documents = [
        {"type": "po", "bizTransaction": "http://shop.example.org/po/12"},
        {"type": "cbv:BTT-bol", "bizTransaction": "urn:epcglobal:cbv:bt:0614141073467:1152"},
    ]
    [row] = rows(document(event(bizTransactionList=documents)))
    assert (row["consignment"], row["po"]) == ("1152", "12")


def test_an_error_declared_takes_back_what_stood_there() -> None:
    declared = {"declarationTime": "2026-11-21T08:00:00Z", "reason": "incorrect_data"}
    [row] = rows(document(event(errorDeclaration=declared)))
    assert (row["what"], row["corrects_what"]) == ("error_declared", "arriving")
    assert row["corrects_at"] == row["eventTime"] == "2026-11-20T12:00:00+00:00"
    assert row["corrects_place"] == "0614141007776"


def test_a_bare_event_a_list_and_the_answer_of_a_query_are_read_too() -> None:
    bare = {"@context": CONTEXT, **event()}
    answer = document(type="EPCISQueryDocument")
    answer["epcisBody"] = {"queryResults": {"resultsBody": {"eventList": [event()]}}}
    assert len(rows(bare)) == len(rows([bare])) == len(rows(answer)) == 1
    assert rows(answer)[0]["event"] == "$.epcisBody.queryResults.resultsBody.eventList[0]"


@pytest.mark.parametrize(
    ("wrong", "at", "why"),
    [
        (document(event(), event(action="CREATE")), "$.epcisBody.eventList[1].action", "not_one_of"),
        (document(event(eventTime=None)), "$.epcisBody.eventList[0].eventTime", "required"),
        (document(event(eventTime="2026-11-20T13:00")), "$.epcisBody.eventList[0].eventTime", "not_a_moment"),
        (
            document(event(eventTimeZoneOffset="1")),
            "$.epcisBody.eventList[0].eventTimeZoneOffset",
            "not_an_offset",
        ),
        (document(event(epcList="x")), "$.epcisBody.eventList[0].epcList", "not_a_list"),
        (
            document(event(epcList=["urn:epc:id:sscc:1.2"])),
            "$.epcisBody.eventList[0].epcList[0]",
            "not_an_identifier",
        ),
        (document(event(readPoint={})), "$.epcisBody.eventList[0].readPoint.id", "required"),
        (document(event(bizStep=7)), "$.epcisBody.eventList[0].bizStep", "not_text"),
        (document(event(type="Thing")), "$.epcisBody.eventList[0].type", "not_one_of"),
        (
            document(event(errorDeclaration={})),
            "$.epcisBody.eventList[0].errorDeclaration.declarationTime",
            "required",
        ),
        (document(7), "$.epcisBody.eventList[0]", "not_an_object"),
        (document(schemaVersion="1.2"), "$.schemaVersion", "not_version_two"),
        (document(epcisBody={}), "$.epcisBody.eventList", "required"),
        ({**document(), "@context": "https://example.org/"}, "$.@context", "no_context"),
        (event(), "$.@context", "no_context"),
        ({"@context": CONTEXT, "type": "Other"}, "$.type", "not_one_of"),
        ("text", "$", "not_an_object"),
    ],
)
def test_a_fault_is_named_by_its_path(wrong: Any, at: str, why: str) -> None:
    with pytest.raises(Refused) as told:
        rows(wrong)
    assert (told.value.code, told.value.facts) == ("shipments.epcis_wrong", {"at": at, "why": f"epcis.{why}"})
    assert f"epcis.{why}" in labels()


@pytest.mark.parametrize("broken", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_is_told_so(broken: bytes) -> None:
    with pytest.raises(Refused, match=r"shipments\.json_unreadable"):
        rows(broken)


def _paths(read: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = read.items() if isinstance(read, dict) else enumerate(read) if isinstance(read, list) else ()
    return [path, *[one for key, value in inner for one in _paths(value, (*path, key))]]


WHOLE = document(
    event(
        bizTransactionList=[{"type": "bol", "bizTransaction": "urn:epcglobal:cbv:bt:0614141073467:1152"}],
        errorDeclaration={"declarationTime": "2026-11-21T08:00:00Z"},
        bizLocation={"id": "https://id.gs1.org/414/4012345000115"},
        disposition="damaged",
    ),
    event(
        type="AggregationEvent",
        parentID="urn:epc:id:sscc:0614141.1234567890",
        childEPCs=["https://x.example/8003/1"],
    ),
)
NODES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["urn:epc:id:sgtin:1.2.3", "a:b", "https://[", "https://x/01/1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@settings(deadline=None, derandomize=True, database=None, max_examples=300)
@given(path=st.sampled_from(_paths(WHOLE)), node=NODES)
def test_whatever_stands_anywhere_is_read_or_refused(path: tuple[Any, ...], node: Any) -> None:
    read = copy.deepcopy(WHOLE)
    if not path:
        read = node
    else:
        inside: Any = read
        for key in path[:-1]:
            inside = inside[key]
        inside[path[-1]] = node
    try:
        assert all(isinstance(cell, str) for row in rows(read) for cell in row.values())
    except Refused as told:
        assert told.code.startswith("shipments.")


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("documents-aggregationevent", 3),
        ("documents-combination_of_different_event", 14),
        ("documents-curiestring_document", 1),
        ("documents-objectevent", 3),
        ("documents-objectevent_with_error_declaration", 3),
        ("documents-transactionevent", 2),
        ("events-objectevent", 1),
    ],
)
def test_real_documents_are_read(name: str, count: int) -> None:
    assert len(rows(sample(f"epcis/{name}.json").read_bytes())) == count


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("epcisdocument_without_context", "$.@context"),
        ("objectevent_with_invalid_action", "$.epcisBody.eventList[0].action"),
        ("objectevent_without_action_and_eventtime", "$.epcisBody.eventList[0].eventTime"),
    ],
)
def test_real_faults_are_found(name: str, at: str) -> None:
    with pytest.raises(Refused) as told:
        rows(sample(f"epcis/invalid-{name}.json").read_bytes())
    assert told.value.facts["at"] == at
