"""The encrypted archive, also opened with plain tar and age."""

import io
import tarfile
from pathlib import Path

import pyrage
import pytest

from tidings.kernel import archive
from tidings.kernel.errors import Refused

KEY = pyrage.x25519.Identity.generate()
CONTENTS = {"about.json": b"{}", "empty": b"", "long": bytes(range(256)) * 1000, "files/" + "0" * 64: b"x"}


def _fill(inside: archive.Inside) -> None:
    inside.add("about.json", CONTENTS["about.json"])
    for name in list(CONTENTS)[1:]:
        inside.add_stream(name, io.BytesIO(CONTENTS[name]))


def _read(source: Path, opener: archive.Opener) -> dict[str, bytes]:
    read: dict[str, bytes] = {}

    def take(name: str, member: archive.Readable) -> None:
        read[name] = read.get(name, b"") + member.read()

    archive.read(source, opener, take)
    return read


def test_what_goes_in_comes_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "PART_BYTES", 1000)
    opener = archive.write(tmp_path / "a.tar", archive.Lock(recipients=(str(KEY.to_public()),)), _fill)
    for one in (opener, archive.Opener(identity=f"# created for tests\n{KEY}\n")):
        assert _read(tmp_path / "a.tar", one) == CONTENTS


def test_a_passphrase_opens_it(tmp_path: Path) -> None:
    archive.write(tmp_path / "a.tar", archive.Lock(passphrase="paard accu nietje"), _fill)
    assert (
        _read(tmp_path / "a.tar", archive.unlocked(tmp_path / "a.tar", archive.Opener("paard accu nietje")))
        == CONTENTS
    )


def test_a_passphrase_does_not_open_what_was_locked_for_a_key(tmp_path: Path) -> None:
    archive.write(tmp_path / "a.tar", archive.Lock(recipients=(str(KEY.to_public()),)), _fill)
    with pytest.raises(Refused, match=r"backup\.wrong_key"):
        archive.unlocked(tmp_path / "a.tar", archive.Opener("paard accu"))


def test_tar_and_age_alone_open_it(tmp_path: Path) -> None:
    archive.write(tmp_path / "a.tar", archive.Lock(recipients=(str(KEY.to_public()),)), _fill)
    with tarfile.open(tmp_path / "a.tar") as outside:
        assert outside.getnames() == ["README", "content.age"]
        held = outside.extractfile("content.age")
        assert held is not None
        with tarfile.open(fileobj=io.BytesIO(pyrage.decrypt(held.read(), [KEY]))) as inside:
            assert inside.getnames()[:2] == ["about.json", "empty/000000"]
            assert inside.getnames()[-1] == "digests.json"


def test_a_failure_while_filling_rises(tmp_path: Path) -> None:
    def fail(inside: archive.Inside) -> None:
        inside.add("about.json", b"{}")
        raise OSError("the disk of the files is gone")

    with pytest.raises(OSError, match="gone"):
        archive.write(tmp_path / "a.tar", archive.Lock(recipients=(str(KEY.to_public()),)), fail)
