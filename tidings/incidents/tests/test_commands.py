"""The same verbs on the command line: what they print, with and without --json, and how they refuse."""

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from tidings.incidents.commands import incident, moment, read_facts
from tidings.incidents.models import Incident
from tidings.incidents.tests.cast import HUB, NOW, make_hub_of_shipments
from tidings.kernel.errors import Missing, Refused
from tidings.kernel.installation import start_demo
from tidings.messaging.models import Recipient

pytestmark = pytest.mark.django_db


def run(*words):
    done = CliRunner().invoke(incident, [str(word) for word in words])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def opened(*more):
    words = (
        "open",
        "--kind",
        "delay",
        "--place",
        HUB,
        "--from",
        (NOW - timedelta(hours=1)).isoformat(),
        "--json",
        *more,
    )
    return json.loads(run(*words))


def test_open_prints_what_it_found():
    make_hub_of_shipments()
    told = opened("--title", "Venlo closed")
    assert told["title"] == "Venlo closed"
    assert told["severity"] == "medium"
    assert [reason["shipments"] for reason in told["affected"]] == [4]
    assert "Affected: 4 shipments of 3 customers; came in: 0, left: 0." in run("affected", told["number"])


def test_the_whole_road_on_the_command_line(tmp_path):
    start_demo("test", "Noordster Koeriers")
    make_hub_of_shipments()
    number = opened()["number"]
    facts = tmp_path / "facts.toml"
    facts.write_text(
        '[en]\nwhat_happened = "The hall burned."\n[nl]\nwhat_happened = "De hal is afgebrand."\n'
        '[zh]\nwhat_happened = "分拣车间起火。"\n',
        "utf-8",
    )
    sent = json.loads(run("send", number, "first_notice", "--facts", facts, "--json"))
    assert (sent["sent_to"], sent["waits_for_approval"]) == (3, False)
    reach = json.loads(run("reach", number, "--json"))["reach"]["first_notice"]
    parts = ("in_time", "late", "under_way", "overdue", "unreachable")
    assert sum(reach[part] for part in parts) == reach["total"] == 3
    assert "together 3" in run("reach", number)
    assert number in run("list")


def test_without_approved_texts_the_command_asks_and_never_gives_approval():
    make_hub_of_shipments()
    number = opened()["number"]
    assert "waits for a person’s approval" in run("send", number, "first_notice")
    assert not Recipient.objects.exists()


def test_an_unknown_number_is_missing():
    with pytest.raises(Missing):
        run("reach", "INC-1999-01-0001")


def test_an_unknown_phase_is_refused_before_anything_is_written():
    make_hub_of_shipments()
    with pytest.raises(Refused, match="phase_unknown"):
        run("send", opened()["number"], "hello")
    assert not Incident.objects.get().sendings.exists()


def test_a_time_without_an_offset_is_in_the_firms_zone():
    start_demo("test", "Noordster Koeriers", "Asia/Shanghai")
    assert moment("2026-11-22T08:00").utcoffset().total_seconds() == 8 * 3600
    with pytest.raises(Refused, match="time_unreadable"):
        moment("yesterday")


@pytest.mark.parametrize("text", ["what = 'x'", "[en", "\udcff"])
def test_facts_that_cannot_be_read_are_refused_in_words(tmp_path, text):
    path = tmp_path / "facts.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(Refused, match="facts_unreadable"):
        read_facts(path)
