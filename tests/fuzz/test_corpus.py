"""What the fuzzer found worth keeping goes through the parsers again: nothing but our own errors may come out.

The corpus is made by `scripts/fuzz` (atheris). Hypothesis adds its own bytes here, and mixes up those of the corpus.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS, run

CORPUS = Path(__file__).parent / "corpus"
KEPT = {name: sorted((CORPUS / name).iterdir()) for name in TARGETS}


@pytest.mark.parametrize("name", TARGETS)
def test_the_corpus(name):
    assert len(KEPT[name]) > 10, "the corpus is kept beside this test"
    for path in KEPT[name]:
        run(name, path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
@given(data=st.data())
def test_mixtures(name, data):
    seeds = [path.read_bytes() for path in KEPT[name][:200]]
    parts = data.draw(st.lists(st.one_of(st.sampled_from(seeds), st.binary(max_size=200)), max_size=4))
    mixed = b"".join(parts)
    cut = data.draw(st.integers(0, len(mixed)))
    run(name, mixed[:cut] + data.draw(st.binary(max_size=8)) + mixed[cut:])
