"""Parameters in hex and gz."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.errors import SidecarUnreadable
from dayspool.sidecar import blob
from tests.sidecar.spellings import gz


@given(st.binary(max_size=4000))
def test_both_spellings_come_back(data: bytes) -> None:
    assert blob.decode(blob.encode(data)) == data
    assert blob.decode(gz(data)) == data
    assert blob.encode(data) == blob.encode(data).lower()


def test_reads_what_darktable_wrote() -> None:
    written = "gz14eJxjYIAACQYYOOHEgAZY0QVwggZ7CB6pfNoAAE8gGQg="  # blending that is off, darktable 4.2.1
    assert len(blob.decode(written)) == 420
    assert blob.decode("000000400000803f") == bytes.fromhex("000000400000803f")


@pytest.mark.parametrize(
    "text", ["0", "0g", "00AB", " 00", "gz", "gz1", "gz14", "gz14!!!!", "gz14eJxj", "base64==", "é"]
)
def test_what_darktable_does_not_read_is_refused(text: str) -> None:
    with pytest.raises(SidecarUnreadable):
        blob.decode(text)


def test_a_bomb_is_refused() -> None:
    with pytest.raises(SidecarUnreadable, match="hold more than 4 MB"):
        blob.decode(gz(bytes(blob.LARGEST_BYTES + 1)))
