"""The order in which a camera counted: across folders and wraps, by a clock that was set, and with names of others."""

from pathlib import Path

from dayspool.intake.card import CardFile
from dayspool.intake.counter import capture_order, is_counted_otherwise
from dayspool.intake.exposures import CardExposure
from dayspool.picture import PictureFacts


def exposure(folder, number, clock):
    name = f"{folder}MSDCF/DSC{number:05d}.JPG"
    file = CardFile(
        path=Path(name),
        source_name=name,
        suffix=".JPG",
        size_bytes=1,
        modified_ns=0,
        facts=PictureFacts(),
        place=(folder, number),
    )
    return CardExposure(files=(file,), clock=clock, whole=True, exposure=None)


def by_clock(*counted):
    return sorted((exposure(*one) for one in counted), key=lambda one: one.clock)


def numbers(exposures):
    ranked = sorted(zip(capture_order(exposures), exposures, strict=True), key=lambda pair: pair[0])
    return [one.files[0].place[1] for _, one in ranked]


def test_folder_comes_before_number():
    assert numbers(by_clock((100, 9998, 1), (100, 9999, 2), (101, 1, 3), (101, 2, 4))) == [9998, 9999, 1, 2]


def test_a_counter_that_wrapped_inside_one_folder():
    assert numbers(by_clock((100, 9998, 1), (100, 9999, 2), (100, 1, 3), (100, 2, 4))) == [9998, 9999, 1, 2]


def test_a_hole_is_no_wrap():
    assert numbers(by_clock((100, 1, 1), (100, 2, 2), (100, 9000, 3), (100, 9001, 4))) == [1, 2, 9000, 9001]


def test_a_clock_set_back_changes_nothing():
    exposures = by_clock(*((100, n, n * 10.0 - (35 if n > 10 else 0)) for n in range(1, 21)))
    assert [one.files[0].place[1] for one in exposures] != list(range(1, 21))
    assert numbers(exposures) == list(range(1, 21))


def test_names_in_any_order_tell_none():
    exposures = by_clock(*((100, (n * 37) % 100 + 1, float(n)) for n in range(100)))
    assert capture_order(exposures) == list(range(100))


def test_names_without_numbers_tell_no_order():
    exposures = by_clock((0, 0, 1.0), (100, 7, 2.0), (100, 3, 3.0))
    assert capture_order(exposures) == [0, 1, 2]
    assert not is_counted_otherwise(exposures, [(0, 0), (9, 2)])


def test_fewer_counted_than_confirmed_is_a_contradiction():
    exposures = by_clock(*((100, n, n * 10.0) for n in range(1, 11)))
    assert not is_counted_otherwise(exposures, [(n, n) for n in range(10)])
    assert not is_counted_otherwise(exposures, [(0, 0), (1, 4), (2, 5)])  # three by hand, or deleted from the shoot
    assert is_counted_otherwise(exposures, [(0, 0), (4, 1), (5, 2)])
    assert not is_counted_otherwise(exposures, [])


def test_a_wrap_is_no_contradiction():
    exposures = by_clock((100, 9999, 1), (101, 1, 2), (101, 2, 3))
    assert not is_counted_otherwise(exposures, [(0, 0), (1, 1), (2, 2)])


def test_a_clock_that_went_back_is_a_contradiction():
    exposures = by_clock((100, 1, 10.0), (100, 2, 20.0), (100, 3, 15.0), (100, 4, 25.0))
    assert is_counted_otherwise(exposures, [(0, 0), (1, 3)])
