"""Deflicker beside what others do, on scenes whose light is known exactly."""
