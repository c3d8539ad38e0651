"""Pictures with sidecars beside them, for tests of looks."""

from datetime import UTC, datetime, timedelta

from dayspool.develop.introspect import shipped
from dayspool.look.base import default_step
from dayspool.look.wish import Picture
from dayspool.sidecar.document import Sidecar

MODULES = shipped()
BEGIN = datetime(2026, 6, 21, 12, tzinfo=UTC)


def pictures_in(folder, count=200, suffix=".jpg", every=60):
    """Return a picture a minute."""
    return [
        Picture(slot=slot, path=folder / f"{slot:06d}{suffix}", utc=BEGIN + timedelta(seconds=every * slot))
        for slot in range(count)
    ]


def step(operation, **values):
    """Return a module as darktable begins it, with some fields set."""
    made = default_step(MODULES.find(operation), values)
    assert made is not None
    return made


def edit(picture, *steps, masks=(), raw=False):
    """Write an edit beside a picture and return it."""
    sidecar = Sidecar.blank(raw=raw).with_steps(steps)
    sidecar = sidecar.with_masks(masks) if masks else sidecar
    picture.sidecar.write_bytes(sidecar.data)
    return sidecar
