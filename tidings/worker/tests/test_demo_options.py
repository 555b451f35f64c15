"""What `tidings demo` refuses before it touches anything."""

import pytest
from click.testing import CliRunner

from tidings.kernel.errors import Refused
from tidings.worker.demo import demo


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (["--profile", "scms"], "demo.profile_needs_file"),
        (["--file", "goods.csv"], "demo.file_needs_profile"),
        (["--file", "nowhere.csv", "--profile", "scms"], "demo.no_file"),
    ],
)
def test_a_file_and_its_profile_come_together(given: list[str], code: str) -> None:
    refused = CliRunner().invoke(demo, given).exception
    assert isinstance(refused, Refused) and refused.code == code
