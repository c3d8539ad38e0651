"""The table of models: complete, consistent with the dialects, and found under the names bodies go by."""

from urllib.parse import urlsplit

import pytest

from dayspool.camera.models import MODELS, model_named
from dayspool.core.camera import Dialect, dialect_of


def test_every_model_is_there_once_and_sorted_into_its_dialect():
    names = [model.name for model in MODELS]
    assert len(names) == len(set(names)) > 60
    for model in MODELS:
        assert model.source
        assert model.evidence
        if model.endpoint is None:
            assert model.dialect is None
            assert any("PTP/IP" in quirk for quirk in model.quirks)
            continue
        at = urlsplit(model.endpoint)
        told = dialect_of(host=at.hostname, port=at.port, path=at.path)
        assert model.dialect is told or model.name in ("HDR-AS20", "HDR-AS100V"), model.name  # odd ones: G1 at .122.1
        assert model.needs_rec_mode <= (model.dialect is Dialect.APP)


def test_every_row_can_be_printed():
    for model in MODELS:
        cells = model.printable
        assert len(cells) == 9
        assert all(cells)
    assert "half-press in AF" in model_named("ILCE-7M3").printable[3]
    assert model_named("ZV-1").printable[1] == "none: PTP/IP only"


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("DSC-RX100M2", "DSC-RX100M2"),
        (" dsc-rx100m2 ", "DSC-RX100M2"),
        ("RX100M2", "DSC-RX100M2"),
        ("DSC-HX50V", "DSC-HX50V"),
        ("DSC-WX300V", "DSC-WX300"),
        ("FDR-AX100E", "FDR-AX100"),
        ("HDR-AS50R", "HDR-AS50"),
        ("HDR-PJ530E", "HDR-PJ530"),
        ("ILCE-6000L", "ILCE-6000"),
        ("ILCE-7M3K", "ILCE-7M3"),
        ("ILCE-7", "ILCE-7"),
        ("ILCE-7R", "ILCE-7R"),
        ("NEX-5T", "NEX-5T"),
        ("QX1", "ILCE-QX1"),
        ("DSC-RX100M5", "DSC-RX100M5"),
        ("DSC-RX100M5A", "DSC-RX100M5A"),
        ("DSC-RX100M5AV", "DSC-RX100M5A"),
        ("ZV-1", "ZV-1"),
        ("6000", "ILCE-6000"),
    ],
)
def test_names(asked, name):
    assert model_named(asked).name == name


@pytest.mark.parametrize("asked", ["", "Sony camera", "DSC-RX100", "ILCE-7RM5", "ILCE-7SM3", "DSC-RX100M22", "X"])
def test_names_of_nobody(asked):
    assert model_named(asked) is None
