"""Darktable sidecars as data: read and changed without losing a byte that is not understood."""
