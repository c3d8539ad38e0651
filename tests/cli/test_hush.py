"""Standard error holds a command's own words, whatever the libraries have to say."""

from __future__ import annotations

import io
import subprocess
import sys
import warnings

import pytest

from dayspool.cli.hush import only_our_words

SAYING = """
import os, subprocess, sys
from dayspool.cli.hush import only_our_words
print("before", file=sys.stderr)
try:
    with only_our_words():
        os.write(2, b"unknown file: data corrupted at 4711\\n")
        print("Überfahrt.arw is damaged", file=sys.stderr)
        raise KeyError
except KeyError:
    pass
print("after", file=sys.stderr)
os.write(2, b"from C again\\n")
"""


def test_what_a_library_writes_is_not_heard_and_what_python_writes_is():
    said = subprocess.run([sys.executable, "-X", "utf8", "-c", SAYING], capture_output=True, check=True)
    assert said.stderr.decode().splitlines() == ["before", "Überfahrt.arw is damaged", "after", "from C again"]
    assert not said.stdout


def test_a_standard_error_that_is_no_descriptor_is_left_alone(monkeypatch):
    for stream in (io.StringIO(), None):
        monkeypatch.setattr(sys, "stderr", stream)
        with only_our_words():
            assert sys.stderr is stream


def test_only_pillow_is_not_let_warn():
    """Warnings are errors in these tests."""
    with only_our_words():
        warnings.warn_explicit("Tag data larger than file", UserWarning, "a file", 946, module="PIL.TiffImagePlugin")
        with pytest.raises(UserWarning):
            warnings.warn_explicit("something of ours", UserWarning, "a file", 1, module="dayspool.render")
