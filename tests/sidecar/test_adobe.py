"""XMP of Lightroom, LRTimelapse, VIEW and our own export is read in every spelling of RDF."""

from __future__ import annotations

from pathlib import Path

import pytest

from dayspool.errors import SidecarUnreadable
from dayspool.intake.sidecar import exposure_sidecar
from dayspool.sidecar.adobe import AdobeCrop, AdobeEdit, adobe_sidecar

NAMES = (
    'xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/" xmlns:lrt="http://lrtimelapse.com/" '
    'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"'
)


def packet(attributes: str = "", inside: str = "", more: str = "") -> bytes:
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" {NAMES} {attributes}>{inside}</rdf:Description>{more}</rdf:RDF></x:xmpmeta>'
        '<?xpacket end="w"?>'
    ).encode()


def read(*parts: str) -> AdobeEdit:
    edit = AdobeEdit.read(packet(*parts))
    assert edit is not None
    return edit


SPELLINGS = [
    ('crs:Exposure2012="+0.75" crs:Temperature="5200" crs:Tint="+9" xmp:Rating="4"',),
    (
        "",
        "<crs:Exposure2012>+0.75</crs:Exposure2012><crs:Temperature>5200</crs:Temperature><crs:Tint>+9</crs:Tint>"
        "<xmp:Rating>4</xmp:Rating>",
    ),
    (
        'xmp:Rating="4"',
        "",
        f'<rdf:Description rdf:about="" {NAMES} crs:Tint="9" crs:Exposure2012="0.75"><crs:Temperature>5200'
        "</crs:Temperature></rdf:Description>",
    ),
]


@pytest.mark.parametrize("parts", SPELLINGS)
def test_attributes_elements_and_several_descriptions_mean_the_same(parts: tuple[str, ...]) -> None:
    assert read(*parts) == AdobeEdit(exposure_ev=0.75, temperature_k=5200, tint=9, rating=4)


CORRECTION = 'crs:What="Correction" crs:CorrectionAmount="1.000000" crs:CorrectionActive="true"'
MASK_SPELLINGS = [
    '<rdf:li><rdf:Description {0} crs:CorrectionName="{1}" crs:LocalExposure2012="{2}"/></rdf:li>',
    '<rdf:li {0} crs:CorrectionName="{1}" crs:LocalExposure2012="{2}"/>',
    '<rdf:li rdf:parseType="Resource"><crs:CorrectionName>{1}</crs:CorrectionName>'
    "<crs:LocalExposure2012>{2}</crs:LocalExposure2012></rdf:li>",
]


def corrections(spelling: str, *named: tuple[str, float], details: str = CORRECTION) -> str:
    items = "".join(spelling.format(details, name, value) for name, value in named)
    return f"<crs:MaskGroupBasedCorrections><rdf:Seq>{items}</rdf:Seq></crs:MaskGroupBasedCorrections>"


@pytest.mark.parametrize("spelling", MASK_SPELLINGS)
def test_what_lrtimelapse_adds_to_each_frame(spelling: str) -> None:
    masks = corrections(
        spelling,
        ("#LRT internal use (HG)", 0.25),
        ("#LRT internal use (Deflicker)", -0.0125),
        ("#LRT internal use (Global)", 0.0),
        ("LRT Mask 1", 0.0),
    )
    edit = read('crs:Exposure2012="-0.5"', masks)
    assert edit.offsets_ev == pytest.approx({"hg": 1.0, "deflicker": -0.05, "global": 0.0})
    assert edit.base_ev + edit.offset_ev == pytest.approx(0.45)
    assert edit.others == ()


def test_a_correction_that_is_off_or_half_on() -> None:
    off = corrections(MASK_SPELLINGS[0], ("#LRT internal use (HG)", 0.5), details='crs:CorrectionActive="false"')
    half = corrections(MASK_SPELLINGS[0], ("#LRT internal use (HG)", 0.5), details='crs:CorrectionAmount="0.5"')
    assert read("", off).offset_ev == 0
    assert read("", half).offset_ev == 1


@pytest.mark.parametrize(
    ("attributes", "base_ev"),
    [
        ('lrt:ExternalExposureDefault="-0.3"', -0.3),
        ('lrt:ExternalExposureDefault="-0.3" crs:Exposure2012="-0.3"', -0.3),
        ('lrt:ExternalExposureDefault="-0.3" crs:Exposure2012="0"', 0.0),
        ('lrt:Iso="100"', 0.0),
    ],
)
def test_what_a_camera_control_asks_for_is_not_counted_twice(attributes: str, base_ev: float) -> None:
    assert read(attributes).base_ev == pytest.approx(base_ev)


def test_our_own_export_is_understood() -> None:
    edit = AdobeEdit.read(exposure_sidecar(0.4))
    assert edit is not None
    assert edit.base_ev == pytest.approx(-0.4)
    assert edit.others == ()


@pytest.mark.parametrize(
    ("attributes", "crop"),
    [
        ('crs:HasCrop="True" crs:CropLeft="0.1" crs:CropTop="0.2" crs:CropRight="0.9" crs:CropBottom="0.8"',
         AdobeCrop(left=0.1, top=0.2, right=0.9, bottom=0.8)),
        ('crs:HasCrop="True" crs:CropAngle="-1.5"', AdobeCrop(angle=-1.5)),
        ('crs:HasCrop="False" crs:CropLeft="0.1"', None),
        ('crs:CropLeft="0" crs:CropRight="1"', None),
    ],
)  # fmt: skip
def test_crops(attributes: str, crop: AdobeCrop | None) -> None:
    assert read(attributes).crop == crop


def test_settings_that_are_not_read_are_named() -> None:
    edit = read(
        'crs:Contrast2012="+10" crs:Highlights2012="0" crs:Shadows2012="+0" crs:Sharpness="40" crs:Version="15.0" '
        'crs:ConvertToGrayscale="False" crs:LensProfileEnable="1" crs:GrainAmount="12"',
        "<crs:ToneCurvePV2012><rdf:Seq><rdf:li>0, 0</rdf:li><rdf:li>255, 255</rdf:li></rdf:Seq></crs:ToneCurvePV2012>"
        "<crs:ToneCurvePV2012Red><rdf:Seq><rdf:li>0, 9</rdf:li><rdf:li>255, 255</rdf:li></rdf:Seq>"
        "</crs:ToneCurvePV2012Red>" + corrections(MASK_SPELLINGS[1], ("sky", -0.2)),
    )
    assert edit.others == (
        "Contrast2012", "GrainAmount", "LensProfileEnable", "MaskGroupBasedCorrections", "ToneCurvePV2012Red",
    )  # fmt: skip


@pytest.mark.parametrize("data", [b"<a/>", packet('xmp:Rating="5"'), packet().replace(b"crs", b"other")])
def test_other_xmp_is_no_edit(data: bytes) -> None:
    assert AdobeEdit.read(data) is None


BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no XML"),
        (packet()[:-60], "no XML"),
        (b"\xff\xfe\x00", "no XML"),
        (BOMB, "no XML"),
        (b'<?xml version="1.0" encoding="ebcdic-nonsense"?><a/>', "no XML"),
        (packet('crs:Exposure2012="much"'), "Exposure2012 should be a number"),
        (packet('crs:Exposure2012="nan"'), "should be a number"),
        (packet('crs:Temperature="1e999"'), "Temperature should be a number"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_name(data: bytes, said: str) -> None:
    with pytest.raises(SidecarUnreadable, match=f"frame.xmp.*{said}"):
        AdobeEdit.read(data, where="frame.xmp")


def test_adobes_sidecar_has_no_suffix_of_the_picture() -> None:
    assert adobe_sidecar(Path("cards/DSC0001.ARW")) == Path("cards/DSC0001.xmp")
