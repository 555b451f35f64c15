"""Files are kept whole under the digest of their content, in a folder or in S3, and checked when read."""

import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from tidings.kernel import files
from tidings.kernel.bucket import Bucket
from tidings.kernel.errors import Missing, Refused, TryLater

LARGE = os.urandom(1 << 20) * 3 + b"end"


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """A real S3 protocol server on loopback."""
    before = {name: os.environ.get(name) for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    os.environ.update(dict.fromkeys(before, "test"))
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    store = Bucket(f"s3://evidence?endpoint={endpoint}")
    store._client.create_bucket(Bucket="evidence")
    yield endpoint
    server.stop()
    for name, value in before.items():
        os.environ.pop(name) if value is None else os.environ.update({name: value})


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> files.Store:
    if request.param == "folder":
        return files.open_store("", tmp_path)
    endpoint = request.getfixturevalue("s3")
    return files.open_store(f"s3://evidence/{tmp_path.name}?endpoint={endpoint}", tmp_path)


@pytest.mark.parametrize("content", [b"", b"photo", LARGE], ids=["empty", "small", "large"])
def test_what_is_kept_is_fetched_by_its_digest(store: files.Store, content: bytes) -> None:
    digest = files.keep(io.BytesIO(content), store=store)
    assert digest == hashlib.sha256(content).hexdigest()
    assert files.fetch(digest, store=store) == content
    assert files.keep(content, store=store) == digest


def test_a_large_file_comes_in_pieces(store: files.Store) -> None:
    pieces = list(files.stream(files.keep(LARGE, store=store), store=store))
    assert len(pieces) > 1
    assert max(map(len, pieces)) <= files.CHUNK


def test_a_store_lists_what_it_keeps_and_nothing_that_is_still_arriving(store: files.Store) -> None:
    kept = {files.keep(content, store=store) for content in (b"a", b"b", LARGE)}
    assert set(store.digests()) == kept


def test_a_folder_lists_no_half_written_copy(tmp_path: Path) -> None:
    store = files.Folder(tmp_path)
    digest = files.keep(b"waybill", store=store)
    (tmp_path / digest[:2] / f"{digest}.c0ffee").write_bytes(b"way")
    assert list(store.digests()) == [digest]


def test_a_file_past_the_limit_is_refused_and_leaves_nothing(
    store: files.Store, tmp_path: Path, settings: object
) -> None:
    settings.TIDINGS_HOME = tmp_path  # type: ignore[attr-defined]
    endless = io.BytesIO(LARGE)
    with pytest.raises(Refused) as refused:
        files.keep(endless, max_bytes=1 << 20, store=store)
    assert (refused.value.code, refused.value.facts) == ("file.too_large", {"megabytes": 1})
    assert endless.tell() < len(LARGE)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("digest", ["0" * 64, "../../etc/passwd", "A" * 64, ""])
def test_a_digest_that_is_none_or_nowhere_is_missing(store: files.Store, digest: str) -> None:
    with pytest.raises(Missing, match=r"file\.missing"):
        files.fetch(digest, store=store)


def test_a_file_damaged_in_the_store_is_not_handed_out(tmp_path: Path) -> None:
    store = files.Folder(tmp_path)
    digest = files.keep(b"waybill", store=store)
    (tmp_path / digest[:2] / digest).write_bytes(b"wayb1ll")
    with pytest.raises(Missing, match=r"file\.damaged"):
        files.fetch(digest, store=store)


def test_a_store_that_is_away_is_tried_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    away = files.open_store("s3://evidence?endpoint=http://127.0.0.1:9", Path())
    for use in (lambda: files.keep(b"x", store=away), lambda: files.fetch("0" * 64, store=away)):
        with pytest.raises(TryLater, match="store_away"):
            use()
