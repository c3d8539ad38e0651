"""The darkroom of one camera: its pictures drawn, in each of their sizes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from dayspool.sim.parts import ExposureWish, Shot
    from dayspool.sim.picture import Imager
    from dayspool.sim.profile import Profile

__all__ = ["Darkroom", "Draw", "draw_inline"]

Draw = Callable[[Callable[[], bytes]], Awaitable[bytes]]
"""How a picture is drawn: called here, or handed to a thread by the real server."""


async def draw_inline(paint: Callable[[], bytes]) -> bytes:
    """Draw in the event loop itself: the only way that is safe in virtual time."""
    return paint()


class Darkroom:
    """Draws the pictures of one body; `postview_px` is the width and height of its postviews ("2M")."""

    def __init__(self, imager: Imager, draw: Draw, profile: Profile, postview_px: tuple[int, int]) -> None:
        self._imager, self._draw, self._profile, self._postview_px = imager, draw, profile, postview_px

    @property
    def original_px(self) -> tuple[int, int]:
        """Width and height of the files on the card, in the proportion to the postviews that the model has."""
        large, small = self._profile.original_px, self._profile.postview_px
        width, height = self._postview_px
        return round(width * large[0] / small[0]), round(height * large[1] / small[1])

    async def postview(self, shot: Shot) -> bytes:
        """Draw the picture of an exposure, as large as the postview size was then."""
        return await self.at(shot, self.original_px if shot.size == "Original" else self._postview_px)

    async def at(self, shot: Shot, px: tuple[int, int]) -> bytes:
        """Draw the picture of an exposure at a size."""
        return await self._draw(lambda: self._imager.jpeg(shot.taken, shot.metered, shot.number, zoom=shot.zoom, px=px))

    async def preview(self, when: datetime, number: int, *, wish: ExposureWish, px: tuple[int, int]) -> bytes:
        """Draw a liveview picture."""
        return await self._draw(lambda: self._imager.preview(when, number, wish=wish, px=px))
