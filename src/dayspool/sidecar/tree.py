"""XML that is not trusted, as a tree that is only read."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from dayspool.errors import SidecarUnreadable

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["parsed"]


def parsed(data: bytes, where: str) -> Element:
    """Return the root of a document, which messages call `where`.

    Raises:
        SidecarUnreadable: it is not well-formed, or has a document type or entities.
    """
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as fault:
        raise SidecarUnreadable(f"{where} is no XML that can be read: {fault}") from fault
    return root
