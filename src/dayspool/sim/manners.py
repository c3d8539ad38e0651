"""How each model writes what it says: spellings, blanks and repetitions that a client must not trip over. Data only.

From recorded descriptions and search replies; what a model was not recorded with follows its generation.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dayspool.sim.profile import Profile

__all__ = ["MANNERS", "Manners", "manners_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How one model writes.

    Attributes:
        empty_element: how an element without content is written: `{tag}` is its name.
        empty_urls: the same for the addresses of the ScalarWebAPI service.
        break_after_declaration: whether a new line follows the XML declaration.
        names_liveview: whether the description gives the liveview address.
        ext: the EXT line of a search reply, as it is.
        replies: how often each search reply comes.
        first_sequence: the number of the first liveview packet.
        stale_liveview: whether liveview payloads carry the rest of an earlier, longer picture after their own.
        split_packets: whether liveview headers and payloads come as chunks of their own.
    """

    empty_element: str = "<{tag}></{tag}>"
    empty_urls: str = "<{tag}></{tag}>"
    break_after_declaration: bool = True
    names_liveview: bool = False
    ext: str = "EXT:"
    replies: int = 1
    first_sequence: int = 0
    stale_liveview: bool = False
    split_packets: bool = False


_SHORT, _SPACED = "<{tag}/>", "<{tag} />"
_GENERATIONS: Mapping[str, Manners] = MappingProxyType(
    {
        "G0": Manners(names_liveview=True, split_packets=True),
        "G1": Manners(empty_element=_SPACED, names_liveview=True, split_packets=True, break_after_declaration=False),
        "G2": Manners(),
        "G3": Manners(names_liveview=True),
    }
)
MANNERS: Mapping[str, Manners] = MappingProxyType(
    {
        "DSC-QX10": Manners(  # its search reply; its page as the QX100's
            empty_element=_SPACED, names_liveview=True, split_packets=True, break_after_declaration=False, ext="EXT: "
        ),
        "ILCE-5000": Manners(ext="EXT: "),  # as the old ILCE-6000 and the NEX-6
        "ILCE-6000": Manners(ext="EXT: "),
        "ILCE-6300": Manners(
            empty_element=_SHORT,
            empty_urls=_SHORT,
            break_after_declaration=False,
            replies=3,
            first_sequence=1,
            stale_liveview=True,
        ),
    }
)
"""Models recorded with manners of their own."""


def manners_of(profile: Profile) -> Manners:
    """Return how a model writes: as recorded, or as its generation does."""
    return MANNERS.get(profile.model) or _GENERATIONS.get(profile.dialect, Manners())
