"""How a render shares a machine out."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.errors import PlanError
from dayspool.render.budget import Machine, budgeted, refuse_too_many, this_machine

GIB = 1 << 30


@pytest.mark.parametrize(
    ("cores", "gib", "asked", "workers"),
    [
        (2, 24, None, 2),  # bounded by the cores
        (4, 3, None, 1),  # a small board: bounded by its memory
        (16, 8, None, 4),
        (8, 0.5, None, 1),  # never none
        (4, 3, 6, 6),  # the person knows better
    ],
)
def test_workers_by_cores_and_memory(cores, gib, asked, workers):
    machine = Machine(cores=cores, available_bytes=int(gib * GIB))
    assert budgeted(machine, worker_bytes=3 * GIB // 2, asked=asked).workers == workers


@pytest.mark.parametrize(
    ("cores", "gib", "calls", "threads"),
    [
        (2, 24, 50, 1),  # a worker on every core
        (4, 3, 50, 4),  # memory allows one worker: it has them all
        (8, 6, 50, 2),  # three workers
        (8, 64, 1, 8),  # a single call, as the one that decides the film's size
        (8, 64, 3, 2),  # three frames
        (1, 1, 50, 1),
    ],
)
def test_fewer_calls_than_cores_divide_the_cores(cores, gib, calls, threads):
    machine = Machine(cores=cores, available_bytes=gib * GIB)
    assert budgeted(machine, worker_bytes=3 * GIB // 2).threads(calls) == threads


def test_more_workers_than_cores_have_a_thread_each():
    assert budgeted(Machine(cores=2, available_bytes=GIB), worker_bytes=GIB, asked=4).threads(9) == 1


@given(st.integers(1, 256), st.integers(1 << 28, 1 << 40), st.one_of(st.none(), st.integers(1, 512)))
def test_planes_never_take_more_than_an_eighth_of_the_memory(cores, available_bytes, asked):
    machine = Machine(cores=cores, available_bytes=available_bytes)
    budget = budgeted(machine, worker_bytes=GIB, asked=asked)
    assert budget.chunks * budget.chunk_bytes <= available_bytes // 8


@pytest.mark.parametrize(("plane_mib", "most", "each"), [(12, 16, 8), (1, 16, 16), (500, 16, 1), (12, 1, 1)])
def test_chunks_hold_what_fits_and_one_frame_at_least(plane_mib, most, each):
    budget = budgeted(Machine(cores=2, available_bytes=3200 << 20), worker_bytes=GIB, asked=2)
    assert budget.frames_per_chunk(plane_mib << 20, most) == each


def test_more_than_two_workers_a_core_are_a_mistake():
    machine = Machine(cores=2, available_bytes=GIB)
    refuse_too_many(None, machine)
    refuse_too_many(4, machine)
    with pytest.raises(PlanError, match="5 workers are too many for 2 cores: take at most 4"):
        refuse_too_many(5, machine)


def test_this_machine_has_cores_and_memory():
    machine = this_machine()
    assert machine.cores == len(os.sched_getaffinity(0))
    assert 0 < machine.available_bytes <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
