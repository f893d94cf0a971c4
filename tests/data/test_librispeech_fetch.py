"""Subsets are fetched from a server on this machine, which can be told to misbehave."""

from __future__ import annotations

import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sim_study.data.librispeech.fetch import fetch_librispeech
from sim_study.errors import UserError

SUBSET = "dev-clean"
SOUND = "LibriSpeech/dev-clean/84/121123/84-121123-0000.flac"


def _archive(names: tuple[str, ...] = (SOUND, "LibriSpeech/SPEAKERS.TXT")) -> bytes:
    """A small .tar.gz, of bytes that do not compress."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name in names:
            content = b"".join(hashlib.sha256(f"{name}{i}".encode()).digest() for i in range(4000))
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


class Server(ThreadingHTTPServer):
    """Serves one archive.

    `cuts` are numbers of bytes after which an answer breaks off, one an answer; `ranges` says
    whether parts are served; `asked` lists the Range header of each request.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = _archive()
        self.cuts: list[int] = []
        self.ranges = True
        self.asked: list[str | None] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/12"

    @property
    def checksums(self) -> dict[str, str]:
        return {SUBSET: hashlib.md5(self.content).hexdigest()}


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        asked = self.headers["Range"]
        self.server.asked.append(asked)
        if self.path != f"/12/{SUBSET}.tar.gz":
            self.send_error(404)
            return
        content = self.server.content
        begin = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        if not self.server.ranges:
            begin = 0
        elif begin >= len(content):
            self.send_error(416)
            return
        self.send_response(206 if begin else 200)
        self.send_header("Content-Length", str(len(content) - begin))
        self.end_headers()
        end = begin + self.server.cuts.pop(0) if self.server.cuts else len(content)
        self.wfile.write(content[begin:end])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def _fetch(server: Server, root: Path) -> list[str]:
    said: list[str] = []
    fetch_librispeech(root, (SUBSET,), said.append, server.address, server.checksums, 0.0)
    return said


def test_a_subset_is_fetched_once(server: Server, tmp_path: Path) -> None:
    _fetch(server, tmp_path)
    assert (tmp_path / SOUND).stat().st_size == 128_000
    found = sorted(path.name for path in tmp_path.iterdir())
    assert found == ["LibriSpeech"]  # neither archive nor leftovers
    assert (tmp_path / "LibriSpeech" / "SPEAKERS.TXT").exists()
    assert "was already in" in _fetch(server, tmp_path)[0]
    assert server.asked == [None]


def test_a_broken_connection_is_taken_up_where_it_broke(server: Server, tmp_path: Path) -> None:
    server.cuts = [10_000, 20_000]
    said = _fetch(server, tmp_path)
    assert server.asked == [None, "bytes=10000-", "bytes=30000-"]
    assert sum("connection lost" in line for line in said) == 2
    assert (tmp_path / SOUND).exists()


def test_the_next_command_asks_for_the_rest_only(server: Server, tmp_path: Path) -> None:
    server.cuts = [50_000, *[0] * 5]
    with pytest.raises(UserError, match=r"the same command goes on from 0 MB"):
        _fetch(server, tmp_path)
    assert (tmp_path / f"{SUBSET}.tar.gz.part").stat().st_size == 50_000
    server.asked.clear()
    server.cuts.clear()
    _fetch(server, tmp_path)
    assert server.asked == ["bytes=50000-"]


def test_a_server_without_ranges_sends_everything_again(server: Server, tmp_path: Path) -> None:
    server.ranges = False
    server.cuts = [50_000]
    _fetch(server, tmp_path)
    assert server.asked == [None, "bytes=50000-"]
    assert (tmp_path / SOUND).stat().st_size == 128_000


def test_a_whole_partial_file_is_not_asked_for_again(server: Server, tmp_path: Path) -> None:
    (tmp_path / f"{SUBSET}.tar.gz.part").write_bytes(server.content)
    _fetch(server, tmp_path)
    assert (tmp_path / SOUND).exists()


def test_another_file_is_refused_and_deleted(server: Server, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"has the MD5 \w+, must have 0123"):
        fetch_librispeech(tmp_path, (SUBSET,), print, server.address, {SUBSET: "0123"}, 0.0)
    assert list(tmp_path.iterdir()) == []


def test_names_that_lead_out_of_the_folder_are_refused(server: Server, tmp_path: Path) -> None:
    server.content = _archive((SOUND, "../stolen.txt"))
    with pytest.raises(UserError, match="cannot be unpacked"):
        _fetch(server, tmp_path / "root")
    assert [path.name for path in tmp_path.iterdir()] == ["root"]
    assert [path.name for path in (tmp_path / "root").iterdir()] == [f"{SUBSET}.tar.gz"]


def test_an_interrupted_unpacking_is_no_subset(server: Server, tmp_path: Path) -> None:
    leftover = tmp_path / f".{SUBSET}.partial" / "LibriSpeech" / SUBSET
    leftover.mkdir(parents=True)
    (tmp_path / f"{SUBSET}.tar.gz").write_bytes(server.content)  # downloaded and checked
    _fetch(server, tmp_path)
    assert (tmp_path / SOUND).exists()
    assert server.asked == []


def test_what_the_server_says_is_passed_on(server: Server, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"the server says 404 Not Found"):
        fetch_librispeech(tmp_path, (SUBSET,), print, f"{server.address}/no", server.checksums, 0.0)
    with pytest.raises(UserError, match=r"is no subset; did you mean 'dev-clean'\?"):
        fetch_librispeech(tmp_path, ("dev-clea",), print)


def test_no_network_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"could not be downloaded .*is there a network\?"):
        fetch_librispeech(tmp_path, (SUBSET,), print, "http://127.0.0.1:1", {SUBSET: "0"}, 0.0)
