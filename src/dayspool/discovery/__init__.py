"""A camera, found: by SSDP on every interface, at the addresses cameras are known to use, or where a person says."""

from __future__ import annotations

from dayspool.discovery.access import Access, Verified
from dayspool.discovery.find import Surroundings, find
from dayspool.discovery.report import Attempt, Found, FoundBy, Outcome, explain_nothing

__all__ = ["Access", "Attempt", "Found", "FoundBy", "Outcome", "Surroundings", "Verified", "explain_nothing", "find"]
