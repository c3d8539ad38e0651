"""Tell people what becomes of a shoot, from a process of its own that only reads the journal."""
