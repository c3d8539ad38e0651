"""What a camera's description tells of its dialect, where its address alone does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dayspool.core.camera import Dialect, dialect_of

if TYPE_CHECKING:
    from dayspool.discovery.address import HttpAddress

__all__ = ["dialect_hinted"]

_APP_PORT = 8080


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hint:
    """Where a description was read, and whose it is then; `None` fits everything."""

    dialect: Dialect
    source: str
    file: str | None = None
    port: int | None = None
    control_port: int | None = None

    def fits(self, location: HttpAddress, endpoint: HttpAddress) -> bool:
        file = location.path.rpartition("/")[2]
        return (
            self.file in (None, file)
            and self.port in (None, location.port)
            and self.control_port in (None, endpoint.port)
        )


# The first that fits counts.
_HINTS = (
    _Hint(dialect=Dialect.LEGACY, port=1900, source="RX100M2 and kin: TCP 1900 (a client run on it)"),
    _Hint(dialect=Dialect.BUILTIN_1, file="DmsRmtDesc.xml", source="QX100, AS20, AS30V (recorded)"),
    _Hint(dialect=Dialect.APP, port=61_000, source="A6000, A6300, NEX-6 (recorded)"),
    _Hint(
        dialect=Dialect.APP,
        file="dd.xml",
        control_port=_APP_PORT,
        source="HX400V, QX1 (recorded): built in, yet as the apps",
    ),
    _Hint(dialect=Dialect.BUILTIN_3, file="dd.xml", source="RX100M5A (its importer), A6400 (afairy)"),
    _Hint(
        dialect=Dialect.BUILTIN_1,
        file="scalarwebapi_dd.xml",
        port=64_321,
        source="a camera that joined a network (recorded)",
    ),
    _Hint(dialect=Dialect.APP, file="scalarwebapi_dd.xml", source="as on port 61000; the legacy ones lack /sony"),
)


def dialect_hinted(endpoint: HttpAddress, location: HttpAddress | None) -> Dialect:
    """Tell the dialect of a camera service from where it lives and where its description was read.

    A path without `/sony` and port 8080 settle it; what serves another port is told apart by its description, which
    stays the same on a home network and on the odd ports of a simulator. Without one, the address has to do.
    """
    plain = dialect_of(host=endpoint.host, port=endpoint.port, path=endpoint.path)
    if location is None or plain in (Dialect.LEGACY, Dialect.APP):
        return plain
    return next((hint.dialect for hint in _HINTS if hint.fits(location, endpoint)), plain)
