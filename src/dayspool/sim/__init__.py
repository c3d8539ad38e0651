"""A camera that does not exist: a Sony camera on the network, with a sky to photograph and mishaps to order.

It shares no code with the client, so that the two can disagree. In memory::

    body = Body(clock=clock, seed=1, picture_px=(48, 32))
    apps = doors(body)          # port → ASGI application; route a client to them by port

and on sockets: `async with serving(body, port=0) as endpoints: …`
"""

from __future__ import annotations

from dayspool.sim.app import doors
from dayspool.sim.body import KIEL, Body
from dayspool.sim.chaos import STANDARD_CHAOS, standard_chaos
from dayspool.sim.darkroom import draw_inline
from dayspool.sim.exchange import ConnectionDropped
from dayspool.sim.faults import Fault, FaultKind, Faults
from dayspool.sim.ledger import Ledger
from dayspool.sim.load import load_profile
from dayspool.sim.models import PROFILES, RX100M2
from dayspool.sim.profile import Ports, Profile
from dayspool.sim.server import Endpoints, serve, serving
from dayspool.sim.witness import Attempt, Hindrance, Span, Witness

__all__ = [
    "KIEL",
    "PROFILES",
    "RX100M2",
    "STANDARD_CHAOS",
    "Attempt",
    "Body",
    "ConnectionDropped",
    "Endpoints",
    "Fault",
    "FaultKind",
    "Faults",
    "Hindrance",
    "Ledger",
    "Ports",
    "Profile",
    "Span",
    "Witness",
    "doors",
    "draw_inline",
    "load_profile",
    "serve",
    "serving",
    "standard_chaos",
]
