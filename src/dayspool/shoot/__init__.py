"""The capture half: the intervalometer and what keeps it going. Async, one loop, no threads, no subprocesses."""

from dayspool.shoot.intervalometer import Intervalometer, ShootSummary
from dayspool.shoot.recovery import CameraSource

__all__ = ["CameraSource", "Intervalometer", "ShootSummary"]
