"""A column of the customer file says what each customer uses."""

from pathlib import Path

import pytest

from tidings.customers.models import UsedService
from tidings.shipments.actions import import_file
from tidings.shipments.tests.cast import IMPORTER

pytestmark = pytest.mark.django_db

PROFILE = """
name = "Clients"
kind = "customers"
[customer]
number = "No"
name = "Name"
basis_source = "Contract"
services = "Uses"
"""
HEAD = "No,Name,Contract,Uses\n"


def imported(folder: Path, *rows: str) -> dict[str, dict[str, int]]:
    described, file = folder / "clients.toml", folder / "clients.csv"
    described.write_text(PROFILE, "utf-8")
    file.write_text(HEAD + "\n".join(rows) + "\n", "utf-8")
    return import_file(IMPORTER, file, "customers", str(described)).things


def used() -> set[tuple[str, str, str, tuple[int, ...], str]]:
    found = UsedService.objects.filter(ended_at=None).select_related("customer")
    return {(one.customer.number, one.service, one.place, tuple(one.weekdays), one.source) for one in found}


def test_services_come_with_their_customers_and_the_same_file_changes_nothing(tmp_path: Path) -> None:
    rows = ("K1,Ana,C-1,Portal; pickup nlrtm 1 3", "K2,Bo,C-2,", "K3,Cy,C-3,NIGHT;link")
    assert imported(tmp_path, *rows)["services"]["created"] == 4
    first = {
        ("K1", "portal", "", (), "C-1"),
        ("K1", "pickup", "NLRTM", (1, 3), "C-1"),
        ("K3", "NIGHT", "", (), "C-3"),
        ("K3", "link", "", (), "C-3"),
    }
    assert used() == first
    imported(tmp_path, *rows)
    assert used() == first


def test_other_days_are_taken_over_and_what_is_not_named_stays(tmp_path: Path) -> None:
    imported(tmp_path, "K1,Ana,C-1,portal; pickup NLRTM 1")
    imported(tmp_path, "K1,Ana,C-9,pickup NLRTM 2 4")
    assert used() == {("K1", "portal", "", (), "C-1"), ("K1", "pickup", "NLRTM", (2, 4), "C-1")}


def test_a_row_whose_services_cannot_be_read_is_rejected_and_the_rest_comes_in(tmp_path: Path) -> None:
    imported(tmp_path, "K1,Ana,C-1,pickup NLRTM noon", "K2,Bo,C-2,portal")
    assert used() == {("K2", "portal", "", (), "C-2")}
