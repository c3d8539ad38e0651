"""What XMP from Lightroom, Camera Raw, LRTimelapse and Timelapse+ VIEW says of a picture's development.

Adobe calls a sidecar NAME.xmp, without the picture's suffix; darktable calls it NAME.EXT.xmp. Properties come as
attributes or as elements, in one description or in several; all spellings mean the same (ISO 16684-1, 7).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dayspool.errors import SidecarUnreadable
from dayspool.sidecar.tree import parsed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from xml.etree.ElementTree import Element

__all__ = ["CREATIVE_RATING", "AdobeCrop", "AdobeEdit", "adobe_sidecar"]

CREATIVE_RATING = 4
"""The stars by which LRTimelapse marks a keyframe that a person edits."""

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_CRS = "{http://ns.adobe.com/camera-raw-settings/1.0/}"
_LRT = "{http://lrtimelapse.com/}"
_XMP = "{http://ns.adobe.com/xap/1.0/}"
_TIFF = "{http://ns.adobe.com/tiff/1.0/}"

_INTERNAL = {
    f"#LRT internal use ({name})": name.lower() for name in ("HG", "Deflicker", "Global")
}  # masks over the whole picture by which LRTimelapse changes the exposure of each frame
_LOCAL_EV = 4.0
"""Sliders of local corrections are stored from -1 to 1; exposure's goes from -4 to 4 EV."""

# Settings that say how a file was written or named, change nothing by themselves, or are read as such below.
_SILENT_WORDS = """
Version ProcessVersion CompatibleVersion RawFileName HasSettings AlreadyApplied WhiteBalance Exposure2012
Temperature Tint CameraProfile CameraProfileDigest ToneCurveName ToneCurveName2012 ToneMapStrength
CurveRefineSaturation HasCrop CropLeft CropTop CropRight CropBottom CropAngle CropConstrainToWarp
CropConstrainToUnitSquare CropUnit CropUnits CropWidth CropHeight PerspectiveScale UprightVersion UprightCenterMode
UprightCenterNormX UprightCenterNormY UprightFocalMode UprightFocalLength35mm UprightTransformCount
OverrideLookVignette LensProfileSetup LensProfileName LensProfileFilename LensProfileDigest LensProfileIsEmbedded
LensProfileDistortionScale LensProfileChromaticAberrationScale LensProfileVignettingScale AutoLateralCA
DefringePurpleHueLo DefringePurpleHueHi DefringeGreenHueLo DefringeGreenHueHi ParametricShadowSplit
ParametricMidtoneSplit ParametricHighlightSplit Sharpness SharpenRadius SharpenDetail SharpenEdgeMasking
LuminanceNoiseReductionDetail LuminanceNoiseReductionContrast ColorNoiseReduction ColorNoiseReductionDetail
ColorNoiseReductionSmoothness VignetteMidpoint PostCropVignetteMidpoint PostCropVignetteFeather
PostCropVignetteStyle GrainSize GrainFrequency SplitToningBalance ColorGradeBlending
"""
_SILENT = frozenset(_SILENT_WORDS.split())
_NEUTRAL_TEXT = frozenset({"", "false", "none", "linear"})
_NEUTRAL_CURVE = ("0, 0", "255, 255")


@dataclass(frozen=True, slots=True, kw_only=True)
class AdobeCrop:
    """A crop: sides as parts of the picture as the sensor saw it, 0 to 1, and by how many degrees it is turned."""

    left: float = 0.0
    top: float = 0.0
    right: float = 1.0
    bottom: float = 1.0
    angle: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AdobeEdit:
    """The development of one picture, as far as it can be told.

    Attributes:
        exposure_ev: the slider Exposure (process 2012 and later), or `None` if the file does not have it.
        offsets_ev: what LRTimelapse adds on the whole of this frame, by `hg`, `deflicker` and `global`.
        external_ev: by how much a camera control wants the picture brightened (`lrt:ExternalExposureDefault`).
        temperature_k: colour temperature of a RAW file's white balance, in kelvin.
        tint: its tint, in Adobe's units.
        crop: the crop, or `None`.
        rating: stars, 0 to 5; -1 is rejected.
        orientation: EXIF's, if the file repeats it.
        others: the other settings that change the picture, by Adobe's names, sorted.
    """

    exposure_ev: float | None = None
    offsets_ev: Mapping[str, float] = field(default_factory=dict)
    external_ev: float | None = None
    temperature_k: float | None = None
    tint: float | None = None
    crop: AdobeCrop | None = None
    rating: int = 0
    orientation: int = 1
    others: tuple[str, ...] = ()

    @staticmethod
    def read(data: bytes, *, where: str = "the sidecar") -> AdobeEdit | None:
        """Return what a file says, which messages call `where`; `None` if it holds no development of Adobe's kind.

        Raises:
            SidecarUnreadable: it is not XML, or a setting that counts is not a number.
        """
        root = parsed(data, where)
        descriptions = [one for packet in root.iter(f"{_RDF}RDF") for one in packet.iterfind(f"{_RDF}Description")]
        said = {name: value for description in descriptions for name, value in _said(description)}
        if not any(name.startswith((_CRS, _LRT)) for name in said):
            return None
        number = _Numbers(said, where)
        return AdobeEdit(
            exposure_ev=number(f"{_CRS}Exposure2012"),
            offsets_ev=dict(_offsets(root, where)),
            external_ev=number(f"{_LRT}ExternalExposureDefault"),
            temperature_k=number(f"{_CRS}Temperature"),
            tint=number(f"{_CRS}Tint"),
            crop=_crop(said, number),
            rating=int(number(f"{_XMP}Rating") or 0),
            orientation=int(number(f"{_TIFF}Orientation") or 1),
            others=tuple(sorted(_others(said))),
        )

    @property
    def base_ev(self) -> float:
        """By how many EV a person, or a camera control for him, brightened it.

        What a camera control asked for counts only where nothing was made of it: LRTimelapse turns it into `hg`, and
        Timelapse+ VIEW writes it into the slider as well.
        """
        asked = self.exposure_ev if self.exposure_ev is not None or "hg" in self.offsets_ev else self.external_ev
        return asked or 0.0

    @property
    def offset_ev(self) -> float:
        """By how many EV LRTimelapse brightens this frame on top of that."""
        return sum(self.offsets_ev.values())


def adobe_sidecar(picture: Path) -> Path:
    """Return where Adobe's programs keep the sidecar of a picture."""
    return picture.with_suffix(".xmp")


class _Numbers:
    """Reads properties as numbers."""

    def __init__(self, said: Mapping[str, str | Element], where: str) -> None:
        self._said = said
        self._where = where

    def __call__(self, name: str) -> float | None:
        value = self._said.get(name)
        return None if value is None else _number(_spelt(value), name, self._where)


def _number(text: str, name: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise SidecarUnreadable(f"{where}: {name.rpartition('}')[2]} should be a number, and is {text[:40]!r}")
    return value


def _said(description: Element) -> Iterator[tuple[str, str | Element]]:
    """Yield the properties of one description: names, and texts or, where there is more to it, elements."""
    yield from description.attrib.items()
    for child in description:
        yield child.tag, child if len(child) else (child.text or "")


def _spelt(value: str | Element) -> str:
    return value.strip() if isinstance(value, str) else ""


def _offsets(root: Element, where: str) -> Iterator[tuple[str, float]]:
    for group in root.iter(f"{_CRS}MaskGroupBasedCorrections"):
        for item in group.iter(f"{_RDF}li"):
            inner = item.find(f"{_RDF}Description")
            said = dict(_said(item)) | ({} if inner is None else dict(_said(inner)))
            kind = _INTERNAL.get(_spelt(said.get(f"{_CRS}CorrectionName", "")))
            if kind is None or _spelt(said.get(f"{_CRS}CorrectionActive", "")).lower() == "false":
                continue
            number = _Numbers(said, where)
            amount = number(f"{_CRS}CorrectionAmount")
            yield kind, _LOCAL_EV * (number(f"{_CRS}LocalExposure2012") or 0.0) * (1.0 if amount is None else amount)


def _crop(said: Mapping[str, str | Element], number: _Numbers) -> AdobeCrop | None:
    if _spelt(said.get(f"{_CRS}HasCrop", "true")).lower() == "false":
        return None
    sides = {side: number(f"{_CRS}Crop{side.title()}") for side in ("left", "top", "right", "bottom", "angle")}
    crop = AdobeCrop(**{side: value for side, value in sides.items() if value is not None})
    return None if crop == AdobeCrop() else crop


def _others(said: Mapping[str, str | Element]) -> Iterator[str]:
    """Yield the settings that change the picture and are read nowhere above."""
    for tag, value in said.items():
        name = tag.removeprefix(_CRS)
        if name == tag or name in _SILENT or _is_neutral(name, value):
            continue
        yield name


def _is_neutral(name: str, value: str | Element) -> bool:
    if isinstance(value, str):
        return _idle(value)
    if name.startswith("ToneCurve"):
        return tuple((item.text or "").strip() for item in value.iter(f"{_RDF}li")) == _NEUTRAL_CURVE
    return name.endswith("Corrections") and all(map(_idle_correction, value.iter()))


def _idle(text: str) -> bool:
    cleaned = text.strip().lower()
    try:
        return cleaned in _NEUTRAL_TEXT or float(cleaned) == 0
    except ValueError:
        return False


def _idle_correction(item: Element) -> bool:
    """Whether a local correction does nothing, or is one of those that are read for themselves."""
    said = dict(_said(item))
    if _spelt(said.get(f"{_CRS}CorrectionName", "")) in _INTERNAL:
        return True
    # A toning hue without saturation does nothing, and two refinements are written at 100 by default.
    local = {name: value for name, value in said.items() if name.startswith(f"{_CRS}Local")}
    idle_at = {f"{_CRS}LocalToningHue", f"{_CRS}LocalCurveRefineSaturation"}
    return all(_idle(_spelt(value)) for name, value in local.items() if name not in idle_at)
