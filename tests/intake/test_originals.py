"""Originals into a folder: each whole or not at all, never over a file, and the same command goes on."""

import errno
import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from dayspool.camera import Content, Link, Original, list_media
from dayspool.camera.original import moment_of
from dayspool.errors import FrameError
from dayspool.intake import Outcome, choose_originals, fetch_originals, originals
from tests.card import Card, Picture, jpeg, served

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def card_of(count=3, **traits):
    return Card([Picture(f"DSC{k:05d}.JPG", jpeg(k), f"2026-04-10T14:{k:02d}:00") for k in range(count)], **traits)


async def fetch(card, folder, **options):
    with served(card) as base:
        async with Link("127.0.0.1") as link:
            listed = await list_media(link, f"{base}/upnp/control/ContentDirectory")
            return await fetch_originals(link, choose_originals(listed), folder, **options)


def outcomes(fetched):
    return [one.outcome for one in fetched]


async def test_fetched_whole_with_their_times(tmp_path):
    card = card_of()
    told = []
    fetched = await fetch(card, tmp_path, on_outcome=told.append)
    assert outcomes(fetched) == [Outcome.FETCHED] * 3
    assert told == list(fetched)
    assert sorted(path.name for path in tmp_path.iterdir()) == [one.name for one in card.pictures]
    for picture in card.pictures:
        path = tmp_path / picture.name
        assert path.read_bytes() == picture.data
        assert path.stat().st_mtime == moment_of(picture.taken).timestamp()


@pytest.mark.parametrize("sizes_told", [True, False])
async def test_what_is_there_is_not_fetched_again(tmp_path, sizes_told):
    card = card_of(sizes_told=sizes_told)
    await fetch(card, tmp_path)
    card.asked.clear()
    assert outcomes(await fetch(card, tmp_path)) == [Outcome.THERE] * 3
    assert card.asked == []


async def test_the_same_picture_under_another_time_is_known_by_its_bytes(tmp_path):
    card = card_of(1, sizes_told=False)
    await fetch(card, tmp_path)
    os.utime(tmp_path / "DSC00000.JPG", (0, 0))
    (again,) = await fetch(card, tmp_path)
    assert (again.outcome, again.path) == (Outcome.THERE, tmp_path / "DSC00000.JPG")
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("sizes_told", [True, False])
async def test_two_pictures_of_one_name_both_stay(tmp_path, sizes_told):
    card = Card(
        [
            Picture("DSC09999.JPG", jpeg(1), "2026-04-10T10:00:00"),
            Picture("dsc09999.jpg", jpeg(2, size_bytes=60_000), "2026-04-11T10:00:00"),
        ],
        sizes_told=sizes_told,
    )
    (tmp_path / "DSC09999.JPG").write_bytes(b"somebody's own")
    for outcome in (Outcome.FETCHED, Outcome.THERE):
        fetched = await fetch(card, tmp_path)
        assert outcomes(fetched) == [outcome] * 2
        assert (tmp_path / "DSC09999.JPG").read_bytes() == b"somebody's own"
        assert [one.path.read_bytes() for one in fetched] == [one.data for one in card.pictures]
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize("name", ["../../x", "/tmp/x", "..", ".ssh", "con.jpg", "a\u202egpj.exe", "x" * 400])
async def test_no_name_leads_out_of_the_folder(tmp_path, name):
    folder = tmp_path / "a" / "b" / "c"
    folder.mkdir(parents=True)
    card = Card([Picture(name, jpeg(1))])
    (one,) = await fetch(card, folder)
    assert one.outcome is Outcome.FETCHED
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [one.path]
    assert one.path.parent == folder
    assert one.path.suffix.lower() == ".jpg"


async def test_the_copy_of_a_raw_is_called_so(tmp_path):
    (one,) = await fetch(Card([Picture("DSC1.ARW", b"x", raw=True)]), tmp_path)
    assert one.path == tmp_path / "DSC1.ARW.JPG"
    assert one.original.content is Content.REDUCED


async def test_an_interrupted_picture_is_gone_on_with(tmp_path):
    card = card_of(1, cut_after=20_000, cuts=1)
    (one,) = await fetch(card, tmp_path)
    assert one.outcome is Outcome.FAILED
    assert [path.name for path in tmp_path.iterdir()] == ["DSC00000.JPG.part"]
    (one,) = await fetch(card, tmp_path)
    assert one.outcome is Outcome.FETCHED
    assert card.asked[1].startswith("bytes=")
    assert [path.name for path in tmp_path.iterdir()] == ["DSC00000.JPG"]
    assert one.path.read_bytes() == card.pictures[0].data


@pytest.mark.parametrize(
    "data", [b"", b"<html>" * 900, jpeg(1)[:-2], bytes(9_000)], ids=["empty", "html", "cut short", "zeros"]
)
async def test_what_is_no_picture_leaves_nothing(tmp_path, data):
    card = card_of()
    card.pictures[1].data = data
    fetched = await fetch(card, tmp_path)
    assert outcomes(fetched) == [Outcome.FETCHED, Outcome.FAILED, Outcome.FETCHED]
    assert "JPEG" in fetched[1].reason or "bytes" in fetched[1].reason
    assert len(list(tmp_path.iterdir())) == 2


async def test_another_size_than_the_list_said(tmp_path):
    card = card_of(1)
    card.pictures[0].size = 60_000
    (one,) = await fetch(card, tmp_path)
    assert one.outcome is Outcome.FAILED
    assert "60000" in one.reason
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.2/ORG/0",
        "https://127.0.0.1/x",
        "file:///etc/passwd",
        "http://u@127.0.0.1/",
        "\x00",
        "http://127.0.0.1/\ud800",
    ],
)
async def test_an_address_that_leads_elsewhere_is_not_asked(tmp_path, url):
    one = Original(name="DSC1.JPG", uri="1", url=url, content=Content.JPEG)
    async with Link("127.0.0.1") as link:
        (fetched,) = await fetch_originals(link, [one], tmp_path)
    assert fetched.outcome is Outcome.FAILED
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_another_status_leaves_nothing(tmp_path, status):
    fetched = await fetch(card_of(2, status=status), tmp_path)
    assert [str(status) in one.reason for one in fetched] == [True, True]
    assert list(tmp_path.iterdir()) == []


async def test_a_camera_that_has_gone_is_not_waited_for_picture_by_picture(tmp_path):
    card = card_of(8, cut_after=0)
    fetched = await fetch(card, tmp_path)
    assert outcomes(fetched) == [Outcome.FAILED] * 8
    assert len(card.asked) == 3
    assert "not tried" in fetched[3].reason
    assert list(tmp_path.iterdir()) == []


async def test_a_part_that_leads_elsewhere_is_not_followed(tmp_path):
    (tmp_path / "outside").write_bytes(b"mine")
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "DSC00000.JPG.part").symlink_to(tmp_path / "outside")
    with pytest.raises(FrameError, match="cannot be written"):
        await fetch(card_of(1), folder)
    assert (tmp_path / "outside").read_bytes() == b"mine"


async def test_a_name_that_is_taken_meanwhile_is_not_overwritten(tmp_path):
    card = card_of(1, before_file=lambda: (tmp_path / "DSC00000.JPG").write_bytes(b"mine"))
    (one,) = await fetch(card, tmp_path)
    assert one.outcome is Outcome.FAILED
    assert "meanwhile" in one.reason
    assert (tmp_path / "DSC00000.JPG").read_bytes() == b"mine"


@pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS])
async def test_a_disk_without_links(tmp_path, monkeypatch, number):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(originals.os, "link", refuse)
    (one,) = await fetch(card_of(1), tmp_path)
    assert one.outcome is Outcome.FETCHED
    assert [path.name for path in tmp_path.iterdir()] == ["DSC00000.JPG"]


async def test_two_runs_at_once_do_not_mix(tmp_path):
    script = (
        "import fcntl, sys, time; f = open(sys.argv[1], 'w'); fcntl.flock(f, fcntl.LOCK_EX);"
        "print('locked', flush=True); time.sleep(60)"
    )
    argv = [sys.executable, "-c", script, str(tmp_path / "DSC00000.JPG.part")]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"locked\n"
        fetched = await fetch(card_of(2), tmp_path)
        other.send_signal(signal.SIGKILL)
    assert outcomes(fetched) == [Outcome.FAILED, Outcome.FETCHED]
    assert "another process" in fetched[0].reason


def original(number, taken=None):
    taken = moment_of(f"2026-04-10T14:{taken:02d}:00") if taken is not None else None
    return Original(name=str(number), uri=str(number), url="http://c/", content=Content.JPEG, taken=taken)


def test_choosing():
    listed = [original(3, 3), original(1, 1), original(0), original(2, 2), original(1, 1)]
    assert [one.name for one in choose_originals(listed)] == ["0", "1", "2", "3"]
    assert [one.name for one in choose_originals(listed, newest=2)] == ["2", "3"]
    assert [one.name for one in choose_originals(listed, newest=9)] == ["0", "1", "2", "3"]
    assert [one.name for one in choose_originals(listed, since=moment_of("2026-04-10T14:02:00"))] == ["0", "2", "3"]
    assert choose_originals([replace(original(1), uri="a"), replace(original(1), uri="b")], newest=1)[0].uri == "b"
