"""What is known of models beyond their dialect, as data: one row each, with its source.

A model without a row works by its generation; rows only add what was seen on that body.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["MODELS", "Model", "model_named"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Quirks of one body.

    Attributes:
        name: as in the device description.
        shortest_interval_seconds: what its users advise; below it the camera is still saving.
        sets_exposure: whether exposure can be set over Wi-Fi.
        source: where this is known from.
    """

    name: str
    shortest_interval_seconds: float
    sets_exposure: bool
    source: str


MODELS = (
    Model(
        name="DSC-RX100M2",
        shortest_interval_seconds=5.0,
        sets_exposure=False,
        source="timelapse-sony README and issue 7: about 5 s between shots; remote mode forces automatic exposure",
    ),
)


def model_named(name: str) -> Model | None:
    """Return the row of a model, or `None` when nothing beyond its generation is known."""
    return next((model for model in MODELS if model.name == name.strip()), None)
