"""The file of rejected rows: a code for programs, and beside it the reason in the language of whoever imported."""

import csv
import io

import pytest

from tests.cast import make_dispatcher
from tidings.kernel import files, jobs
from tidings.people.queries import actor_of
from tidings.shipments.actions import save_profile, start_import
from tidings.shipments.models import ImportRun
from tidings.shipments.tests.cast import IMPORTER
from tidings.shipments.tests.test_import_units import HEAD, SHIPMENTS, row


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "said"), [("en", "Waybill is empty"), ("nl", "Waybill is leeg")])
def test_a_rejected_row_says_why_in_its_importers_language_beside_the_code(language: str, said: str) -> None:
    save_profile(IMPORTER, "own", SHIPMENTS)
    importer = actor_of(make_dispatcher(language=language))
    run = start_import(importer, files.keep((HEAD + row("")).encode()), "shipments", "own")
    jobs.run_waiting()
    kept = files.fetch(ImportRun.objects.get(pk=run).reject_digest).decode("utf-8-sig")
    [rejected] = csv.DictReader(io.StringIO(kept))
    assert (rejected["rejected_code"], rejected["rejected_because"]) == ("missing", said)
