"""A camera, found: by SSDP on every interface, at the addresses cameras are known to use, or where a person says."""

from __future__ import annotations

from dayspool.discovery.access import Access, Verified
from dayspool.discovery.description import identity_of
from dayspool.discovery.explain import Other, explain_nothing, others
from dayspool.discovery.find import find
from dayspool.discovery.interfaces import Interface
from dayspool.discovery.neighbours import Neighbour
from dayspool.discovery.report import Attempt, Found, FoundBy, Outcome
from dayspool.discovery.surroundings import Surroundings

__all__ = [
    "Access",
    "Attempt",
    "Found",
    "FoundBy",
    "Interface",
    "Neighbour",
    "Other",
    "Outcome",
    "Surroundings",
    "Verified",
    "explain_nothing",
    "find",
    "identity_of",
    "others",
]
