"""The pure core: what a shoot is, when its slots are due, what comes next. No I/O, no clock, no async."""
