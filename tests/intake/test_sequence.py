"""A shoot found on a card by its irregular steps, and not found where it is too regular to say."""

import random

from dayspool.intake.sequence import find_by_steps


def hosts(count, *, without=(), every=10.0):
    return [n * every for n in range(count) if n not in without]


def on_card(moments, *, offset, drift=0.0, seed=3):
    rng = random.Random(seed)
    return sorted(float(int(m + offset + drift * m / 86_400 + rng.uniform(0.1, 0.4))) + 0.5 for m in moments)


def test_slots_left_out_give_it_away():
    moments = hosts(300, without={20, 77, 78, 160, 230})
    earlier = [n * 10.0 - 500_000 for n in range(400)]
    found = find_by_steps(moments, on_card([*earlier, *moments], offset=7203.4, drift=8.0))
    assert found.trouble == ""
    assert len(found.knots) == len(moments)
    assert all(abs(knot.offset - 7203.4) < 2 for knot in found.knots)


def test_a_regular_shoot_with_one_shot_more_fits_twice():
    moments = hosts(100)
    found = find_by_steps(moments, on_card([*moments, 1000.0], offset=50.0))
    assert found.knots == ()
    assert "more than one place" in found.trouble


def test_another_shoots_card_is_not_taken_for_this_one():
    moments = hosts(300, without={20, 77, 78, 160, 230})
    found = find_by_steps(moments, on_card([n * 61.0 for n in range(300)], offset=0.0))
    assert found.knots == ()
    assert "nowhere" in found.trouble


def test_few_exposures_prove_nothing():
    assert "too few" in find_by_steps(hosts(5), on_card(hosts(5), offset=3.0)).trouble
    assert "too few" in find_by_steps(hosts(50), []).trouble


def test_a_clock_set_on_the_way_is_noticed():
    moments = hosts(300, without=set(range(7, 300, 5)))
    later = [moment for moment in moments if moment >= 1500]
    early = [moment for moment in moments if moment < 1500]
    found = find_by_steps(moments, sorted([*on_card(early, offset=50.0), *on_card(later, offset=60.0)]))
    assert found.knots == ()
    assert found.trouble


def test_behind_a_long_pause_a_part_without_steps_is_not_believed():
    begin = hosts(300, without={20, 77, 78, 160, 230}, every=3.0)
    behind = [60_000.0 + moment for moment in hosts(60, every=3.0)]
    found = find_by_steps([*begin, *behind], on_card([*begin, *behind, 60_183.0], offset=7203.4, drift=6.0))
    assert found.trouble == ""
    assert {knot.host for knot in found.knots} == set(begin)
