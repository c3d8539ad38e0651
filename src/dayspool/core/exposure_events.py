"""What happens to the exposure in a shoot: metered, steered, wished otherwise. Part of `core.events`."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BiasAsked", "ExposureSteered", "FocusHeld", "FrameMetered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameMetered:
    """How bright the frame of `slot` came out.

    Attributes:
        measured_ev: how much brighter than middle grey it is, in EV of linear light; `None` where nothing can be told.
        clipped_share: the share of its picture that is burnt out, 0 to 1.
        scene_ev: the light of the scene, in EV at ISO 100: the exposure that was made plus `measured_ev`; `None` where
            the exposure is not known.
    """

    slot: int
    measured_ev: float | None
    clipped_share: float
    scene_ev: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposureSteered:
    """The exposure that the ramp chose for `slot`, and what of it the camera could be given.

    Attributes:
        wanted_ev: the exposure wanted, as the EV at ISO 100 of the scene it draws as middle grey.
        applied_ev: that of what was set; `residue_ev` is wanted − applied, for the deflicker stage.
        target_ev: how much brighter than middle grey the scene is to come out.
        bias_ev: a person's wish in it.
        limits: what kept it from following: `shutter`, `iso`, `aperture`, `rate`, `highlights`, `refused` …
        shutter_seconds: what was set; `None` where the camera chooses; so `aperture`, `iso` and `compensation_ev`.
    """

    slot: int
    wanted_ev: float
    applied_ev: float
    residue_ev: float
    target_ev: float
    bias_ev: float = 0.0
    limits: tuple[str, ...] = ()
    shutter_seconds: float | None = None
    aperture: float | None = None
    iso: float | None = None
    compensation_ev: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BiasAsked:
    """A person wants the pictures brighter (positive) or darker by so many EV from now on."""

    ev: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FocusHeld:
    """The camera was set from autofocus to manual focus before `slot`, and stays as it focused last."""

    slot: int
