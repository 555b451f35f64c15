"""Lists: paging and sorting take whatever an address bar holds."""

import pytest
from django.test import RequestFactory

from tidings.ui.listing import DEEPEST_PAGE, listing


@pytest.mark.parametrize(
    ("asked", "page", "rows"),
    [
        ("", 1, 50),
        ("2", 2, 50),
        ("3", 3, 20),
        ("4", 4, 0),
        ("-1", 1, 50),
        ("x", 1, 50),
        ("٣", 1, 50),
        ("99999999", 1, 50),
        ("99999", DEEPEST_PAGE, 0),
    ],
)
def test_a_page_number_is_taken_as_far_as_it_makes_sense(asked: str, page: int, rows: int) -> None:
    shown = listing(RequestFactory().get("/", {"page": asked}), list(range(120)), counted=True)
    assert (shown.page, len(shown.rows), shown.total) == (page, rows, 120)
