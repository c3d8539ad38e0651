"""Made-up cards with every disorder: nothing matched wrongly, nearly everything matched."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.cards import DISORDERS, Disorder, judge, make_card
from benchmarks.matching import run
from dayspool.core.exposure import Exposure
from dayspool.intake.pairing import pair_originals
from dayspool.intake.shots import SlotShot

_BY_STEPS = {"no EXIF by Wi-Fi", "none sent at all"}  # a short shoot may be too regular; then nothing is matched


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", DISORDERS)
def test_no_match_is_wrong_and_few_are_missing(name, seed):
    slots = 900 if name in _BY_STEPS else 300
    right, wrong, wanted, _, _ = run(DISORDERS[name], slots=slots, seed=seed)
    assert wrong == 0
    assert right >= 0.995 * wanted


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.builds(
        Disorder,
        offset_seconds=st.floats(-1e8, 1e8),
        drift_per_day=st.floats(-10, 10),
        missing=st.sampled_from([0.0, 0.1, 0.5]),
        copies=st.sampled_from([0.0, 0.1]),
        by_hand=st.integers(0, 30),
        earlier=st.sampled_from([0, 100]),
        raw=st.booleans(),
        first_number=st.integers(1, 9_999),
        unsent=st.sampled_from([0.0, 0.1, 0.5]),
        lost=st.sampled_from([0.0, 0.05]),
        untaken=st.sampled_from([0.0, 0.3]),
        frozen=st.sampled_from([0.0, 0.02]),
        pause_hours=st.sampled_from([0.0, 12.0]),
        clock_set=st.sampled_from([0.0, 0.0, 3600.0, -3600.0, -300.0, 71.0]),
        subseconds=st.booleans(),
        postview_exif=st.sampled_from([True, True, True, False]),
        interval=st.sampled_from([3.0, 10.0, 60.0]),
    ),
    st.integers(0, 2**32),
)
def test_whatever_comes_together_no_match_is_wrong(disorder, seed):
    right, wrong, wanted, unclear, _ = run(disorder, slots=120, seed=seed)
    assert wrong == 0
    if disorder.postview_exif:  # else so few may be too regular to say
        assert right + unclear >= 0.9 * wanted - 2


@pytest.mark.parametrize(
    "disorder",
    [
        Disorder(interval=3.0, clock_set=-60.0, unsent=0.5, by_hand=26, pause_hours=12.0, drift_per_day=-3.5),
        Disorder(interval=10.0, clock_set=61.0, unsent=0.5, by_hand=8, pause_hours=12.0, drift_per_day=-9.9),
        Disorder(interval=60.0, clock_set=-3600.0, unsent=0.5, missing=0.5, untaken=0.3, subseconds=True),
        Disorder(interval=3.0, drift_per_day=9.1, untaken=0.3, pause_hours=12.0, postview_exif=False, earlier=100),
        Disorder(interval=10.0, clock_set=-60.0, untaken=0.3, by_hand=27, postview_exif=False),
        Disorder(interval=3.0, clock_set=61.0, untaken=0.3, lost=0.05, postview_exif=False),
    ],
)
def test_a_clock_that_was_set_or_drifted_unseen_leads_to_no_wrong_match(disorder):
    for seed in range(8):
        assert run(disorder, slots=120, seed=seed)[1] == 0


def test_a_shot_by_hand_on_the_second_of_a_deleted_original_is_not_taken_for_it():
    card = make_card(Disorder(clock_set=-300.0), slots=120, seed=3)
    files = {card.truth[file.path]: file for file in card.files}
    by_hand = replace(files[80], path=Path("/card/DCIM/100MSDCF/DSC00081.JPG"), facts=files[40].facts)
    card.files = [file for slot, file in files.items() if slot not in (40, 80)] + [by_hand]
    card.contents[by_hand.path] = "by hand"
    shots = [shot for shot in card.shots if shot.slot != 80]
    matching = pair_originals(shots, card.exposures())
    assert len(matching.matches) == 118
    assert 40 not in {match.slot for match in matching.matches}


def test_what_is_unclear_is_of_no_slot_nor_missing():
    card = make_card(Disorder(), slots=20, seed=1)
    twin = replace(card.files[0], path=Path("/card/DCIM/EDIT/x.JPG"), size_bytes=1234, source_name="EDIT/x.JPG")
    card.files.append(twin)
    card.contents[twin.path] = "other"
    matching = pair_originals(card.shots, card.exposures())
    assert (len(matching.unclear), matching.strangers, matching.missing) == (1, (), ())


def test_an_unknown_clock_says_nothing_of_what_is_missing():
    card = make_card(Disorder(postview_exif=False), slots=50, seed=1)
    matching = pair_originals(card.shots, card.exposures())
    assert (matching.matches, matching.missing, len(matching.strangers)) == ((), (), 50)
    assert matching.trouble


def test_five_thousand_with_everything_wrong():
    right, wrong, wanted, _, seconds = run(DISORDERS["everything"], slots=5_000, seed=7)
    assert wrong == 0
    assert right >= 0.995 * wanted
    assert seconds < 6


def test_the_clock_is_told():
    card = make_card(Disorder(offset_seconds=-7203.0, drift_per_day=6.0), slots=2000, seed=1)
    matching = pair_originals(card.shots, card.exposures())
    assert matching.means == "exif"
    assert matching.offset_seconds == pytest.approx(-7203 + 6 * 10_000 / 86_400, abs=0.6)  # whole seconds
    assert matching.drift_per_day == pytest.approx(6.0, abs=0.5)


def test_another_exposure_in_each_second_does_not_hide_the_key():
    card = make_card(Disorder(), slots=30, seed=2)
    dark = Exposure(shutter_seconds=8.0, iso=6400, aperture=4.0)
    for file in list(card.files):
        twin = replace(
            file, path=Path("/card/DCIM/101MSDCF") / file.path.name, facts=replace(file.facts, exposure=dark)
        )
        card.files.append(twin)
        card.contents[twin.path] = f"dark {file.path}"
    matching = pair_originals(card.shots, card.exposures())
    assert matching.means == "exif"
    assert judge(card, [(m.slot, m.exposure.files[0].path) for m in matching.matches])[:2] == (30, 0)


def test_a_slot_without_an_exposure_gets_none():
    card = make_card(Disorder(lost=0.2, by_hand=30), slots=300, seed=4)
    matching = pair_originals(card.shots, card.exposures())
    exposed = set(card.truth.values())
    assert all(match.slot in exposed for match in matching.matches)
    assert all(set(card.truth) & {file.path for file in one.files} == set() for one in matching.strangers)


def test_two_files_that_claim_one_exposure_are_told_and_left_alone():
    card = make_card(Disorder(), slots=20, seed=1)
    victim = next(path for path, slot in card.truth.items() if slot == 5)
    file = next(file for file in card.files if file.path == victim)
    edited = replace(file, path=Path("/card/DCIM/EDIT") / victim.name, size_bytes=1234, source_name="EDIT/x.JPG")
    card.files.append(edited)
    card.contents[edited.path] = "other"
    matching = pair_originals(card.shots, card.exposures())
    (unclear,) = matching.unclear
    assert unclear.slot == 5
    assert {one.files[0].path for one in unclear.exposures} == {victim, edited.path}
    assert judge(card, [(m.slot, m.exposure.files[0].path) for m in matching.matches])[:2] == (19, 0)


def test_an_exposure_that_contradicts_is_another_picture():
    card = make_card(Disorder(), slots=30, seed=2)
    shots = [
        replace(shot, exposure=Exposure(shutter_seconds=8.0, iso=6400, aperture=4.0)) if shot.slot == 3 else shot
        for shot in card.shots
    ]
    matching = pair_originals(shots, card.exposures())
    assert 3 not in {match.slot for match in matching.matches}
    assert matching.missing == (3,)


def test_nothing_on_the_card_is_of_this_shoot():
    card = make_card(Disorder(), slots=50, seed=1)
    other = make_card(Disorder(interval=7.0, offset_seconds=9e6), slots=50, seed=2)
    matching = pair_originals(card.shots, other.exposures())
    assert matching.matches == ()
    assert (matching.means, len(matching.strangers)) == ("none", 50)
    assert matching.trouble


def test_no_exposures_at_all():
    assert pair_originals([], []).matches == ()
    one = SlotShot(slot=0, host=5.0, confirmed=True)
    assert pair_originals([one], []).missing == (0,)
