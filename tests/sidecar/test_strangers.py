"""Files from strangers are read or refused; nothing else happens, whatever is in them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.errors import SidecarUnreadable
from dayspool.sidecar.adobe import AdobeEdit
from dayspool.sidecar.step import Step
from dayspool.sidecar.style import Style
from tests.sidecar.test_adobe import MASK_SPELLINGS, corrections, packet
from tests.sidecar.test_style import WARM, plugin, style_file

EDIT = packet('crs:Exposure2012="1" crs:CropAngle="2"', corrections(MASK_SPELLINGS[0], ("#LRT internal use (HG)", 1)))


@pytest.mark.parametrize(("read", "whole"), [(Style.read, WARM), (AdobeEdit.read, EDIT)])
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused(read: Callable[[bytes], object], whole: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 12)))
    new = data.draw(st.binary(max_size=6) | st.sampled_from([b"<", b">", b'"', b"&x;", b"-", b"9" * 30, b"gz99"]))
    with suppress(SidecarUnreadable):
        read(whole[:start] + new + whole[end:])


@pytest.mark.parametrize("read", [Style.read, AdobeEdit.read])
def test_ten_thousand_elements_in_each_other(read: Callable[[bytes], object]) -> None:
    deep = b"<a>" * 10_000 + b"</a>" * 10_000
    with suppress(SidecarUnreadable):
        assert read(deep) is None


def test_a_style_of_small_texts_that_unpack_to_much_is_refused() -> None:
    bomb = plugin(0, Step(operation="a", version=1, params=bytes(4 << 20)), packed=True)
    with pytest.raises(SidecarUnreadable, match="unpacks to more than 64 MB"):
        Style.read(style_file(*[bomb] * 17))
