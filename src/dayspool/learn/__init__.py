"""A camera, learned: recorded by asking it, or read out of a capture of its traffic; both give the same dump."""
