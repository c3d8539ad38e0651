"""The outlook of a plan: strip charts as they look, an SVG that is well-formed, slots counted by local days, notes."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st

from dayspool.camera.endurance import ROWS
from dayspool.camera.models import MODELS, model_named
from dayspool.cli.outlook.needs import needs_of
from dayspool.cli.outlook.notes import Circumstances, notes
from dayspool.cli.outlook.outlook import local_days, outlook_of
from dayspool.cli.outlook.strip import PLAIN, coloured, strip_chart
from dayspool.cli.outlook.svg import svg_chart
from dayspool.core.moments import Pace, SunEvent, SunTime, Window
from dayspool.core.plan import Place, Plan
from dayspool.core.schedule import Stretch
from dayspool.core.windows import planned_stretches
from dayspool.sun import sun_over

KIEL, BERLIN = Place(latitude=54.32, longitude=10.14), ZoneInfo("Europe/Berlin")
LONGYEARBYEN, OSLO = Place(latitude=78.22, longitude=15.65), ZoneInfo("Arctic/Longyearbyen")
AUCKLAND = ZoneInfo("Pacific/Auckland")


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def stretches(*told):
    """Return stretches, each told as (origin, seconds, count) or (origin, seconds, count, window)."""
    made, first = [], 0
    for origin, seconds, count, *window in told:
        made.append(
            Stretch(
                first=first,
                origin=origin,
                interval=timedelta(seconds=seconds),
                count=count,
                window=window[0] if window else "",
            )
        )
        first += count or 0
    return made


def outlook(*told, place=KIEL, zone=BERLIN):
    made = stretches(*told)
    return outlook_of(made, place=place, zone=zone, count=made[-1].end)


JUNE = (utc(2026, 6, 21, 8), 10, 8640)
NIGHTS = (
    (utc(2026, 10, 23, 16), 10, 1000, "2026-10-23"),
    (utc(2026, 10, 23, 16) + timedelta(seconds=10_000), 30, 1000, "2026-10-23"),
    (utc(2026, 10, 24, 16), 10, 1000, "2026-10-24"),
    (utc(2026, 10, 25, 16), 900, 40, "2026-10-25"),
)

CHARTS = [
    (
        outlook(JUNE),
        80,
        """
            0     3     6     9     12    15    18    21    24
Sun 21 Jun │▒▒▒▒▒▒▒░░                                  ░░▒▒▒│ ↑04:45 ↓21:58
           │                    ┣━━━━━━━━━━━━━━━━━━━━━━━━━━━│ 5040 × 10s
Mon 22 Jun │▒▒▒▒▒▒▒░░                                  ░░▒▒▒│ ↑04:45 ↓21:58
           │━━━━━━━━━━━━━━━━━━━┫                            │ 3600 × 10s
            ▒ deep twilight   ░ civil twilight   blank day   ↑ sunrise, ↓ sunset
            ━ slots, from ┣ to ┫
""",
    ),
    (
        outlook((utc(2026, 6, 21, 8), 60, 1440), place=LONGYEARBYEN, zone=OSLO),
        80,
        """
            0     3     6     9     12    15    18    21    24
Sun 21 Jun │                                                │ sun up all day
           │                    ┣━━━━━━━━━━━━━━━━━━━━━━━━━━━│ 840 × 1m
Mon 22 Jun │                                                │ sun up all day
           │━━━━━━━━━━━━━━━━━━━┫                            │ 600 × 1m
            blank day   ━ slots, from ┣ to ┫
""",
    ),
    (
        outlook((utc(2026, 12, 21, 8), 60, 1440), place=LONGYEARBYEN, zone=OSLO),
        80,
        """
            0     3     6     9     12    15    18    21    24
Mon 21 Dec │▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓│ no sun
           │                  ┣━━━━━━━━━━━━━━━━━━━━━━━━━━━━━│ 900 × 1m
Tue 22 Dec │▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓│ no sun
           │━━━━━━━━━━━━━━━━━┫                              │ 540 × 1m
            ▓ night   ▒ deep twilight   ━ slots, from ┣ to ┫
""",
    ),
    (
        outlook(*NIGHTS),
        80,
        """
            0     3     6     9     12    15    18    21    24
Fri 23 Oct │▓▓▓▓▓▓▓▓▓▓▓▓▒▒░░                    ░▒▒▒▓▓▓▓▓▓▓▓│ ↑08:03 ↓18:04
           │                                    ┣━━━━━━━━━━━│ 1387 × 10s 30s
Sat 24 Oct │▓▓▓▓▓▓▓▓▓▓▓▓▒▒░░                    ░▒▒▒▓▓▓▓▓▓▓▓│ ↑08:05 ↓18:01
           │━━━━━━━━━━┫                         ┣━━━━┫      │ 1613 × 30s 10s
Sun 25 Oct │▓▓▓▓▓▓▓▓▓▓▒▒▒░                   ░░▒▒▓▓▓▓▓▓▓▓▓▓▓│ ↑07:07 ↓16:59
           │                                  ┣━━━━━━━━━━━━━│ 28 × 15m
Mon 26 Oct │▓▓▓▓▓▓▓▓▓▓▒▒▒░                   ░░▒▒▓▓▓▓▓▓▓▓▓▓▓│ ↑07:09 ↓16:57
           │━━━━━┫                                          │ 12 × 15m
            ▓ night   ▒ deep twilight   ░ civil twilight   blank day
            ↑ sunrise, ↓ sunset   ━ slots, from ┣ to ┫
""",
    ),
    (
        outlook((utc(2026, 6, 21, 19, 30), 2, 900)),
        40,
        """
            0     6     12    18    24
Sun 21 Jun │▒▒▒░                 ░▒▒│
            ↑04:45 ↓21:58
           │                     ╋  │
            900 × 2s
            ▒ deep twilight
            ░ civil twilight   blank day
            ↑ sunrise, ↓ sunset
            ━ slots, from ┣ to ┫
""",
    ),
]


@pytest.mark.parametrize(("ahead", "width", "chart"), CHARTS, ids=["kiel", "june", "december", "nights", "narrow"])
def test_strip_charts(ahead, width, chart):
    assert strip_chart(ahead, width=width) == chart.strip("\n").split("\n")


@pytest.mark.parametrize("width", [0, 1, 30, 37, 38, 50, 77, 78, 79, 126, 127, 300])
def test_no_line_is_wider_than_the_terminal(width):
    for ahead in (outlook(JUNE), outlook(*NIGHTS), outlook((utc(2026, 6, 1), 3600, 10_000), place=None)):
        lines = strip_chart(ahead, width=width)
        assert max(map(len, lines), default=0) <= width
        assert bool(lines) == (width > 37)


def test_a_chart_in_plain_signs_says_the_same():
    assert "... and 24 more" in "\n".join(strip_chart(outlook((utc(2026, 6, 1), 60, 43200)), width=80, signs=PLAIN))
    plain = strip_chart(outlook(*NIGHTS), width=80, signs=PLAIN)
    assert all(line.isascii() for line in plain)
    assert plain[2].endswith("[~~~~~~~~~~~| 1387 x 10s 30s")


def test_colour_adds_nothing():
    for line in strip_chart(outlook(JUNE), width=80):
        assert re.sub(r"\x1b\[\d*m", "", coloured(line)) == line


def test_long_shoots_are_cut_and_say_so():
    lines = strip_chart(outlook((utc(2026, 6, 1), 60, 30 * 1440)), width=80)
    assert "            … and 24 more days" in lines
    years = strip_chart(outlook((utc(2026, 6, 1), 86_400, 2000), place=None), width=80)
    assert "            … and 1994 more days" in years


@given(
    st.lists(st.tuples(st.integers(0, 3 * 86_400), st.integers(1, 7200), st.integers(1, 500)), min_size=1, max_size=4),
    st.sampled_from([BERLIN, AUCKLAND, ZoneInfo("Asia/Kathmandu"), UTC]),
)
@settings(max_examples=60)
def test_every_slot_is_due_on_one_local_day(told, zone):
    begin, runs = utc(2026, 10, 23), []
    for pause, seconds, count in told:
        begin += timedelta(seconds=pause)
        runs.append((begin, seconds, count))
        begin += timedelta(seconds=seconds * count)
    ahead = outlook(*runs, place=None, zone=zone)
    days = list(local_days(ahead.first, ahead.end, zone))
    for stretch in ahead.stretches:
        found = [(slot, day) for day in days for slot in ahead.slots_on(day, stretch)]
        assert [slot for slot, _ in found] == list(range(stretch.first, stretch.end))
        assert all(stretch.instant(slot).astimezone(zone).date() == day for slot, day in found)


@pytest.mark.parametrize(
    ("ahead", "bars"),
    [
        (outlook(JUNE), 1),
        (outlook(*NIGHTS), 3),
        (outlook((utc(2026, 6, 21, 8), 60, 1440), place=LONGYEARBYEN, zone=OSLO), 1),
        (outlook((utc(2026, 12, 21, 8), 60, 1440), place=LONGYEARBYEN, zone=OSLO), 1),
        (outlook((utc(2026, 6, 21, 8), 60, None), place=None), 1),
        (outlook((utc(2026, 6, 21, 8), 3600, 9000)), 1),
        (outlook((utc(2026, 6, 21, 8), 0.1, 1)), 1),
        (outlook(*((utc(2026, 6, 21, 8 + n), 10 + n, 3600 // (10 + n)) for n in range(9))), 1),
    ],
)
def test_an_svg_is_whole_and_stays_within_itself(ahead, bars):
    text = svg_chart(ahead, "north <&> \"south\" 'west' ünd")
    root = fromstring(text)
    space = {"s": "http://www.w3.org/2000/svg"}
    assert root.find("s:title", space).text == "north <&> \"south\" 'west' ünd"
    assert len(root.findall("s:rect[@class='window']", space)) == bars
    _, _, width, height = map(int, root.get("viewBox").split())
    for element in root.iter():
        xs = [float(element.get(name)) for name in ("x", "x1", "x2") if element.get(name)]
        ys = [float(element.get(name)) for name in ("y", "y1", "y2") if element.get(name)]
        points = [tuple(map(float, point.split(","))) for point in (element.get("points") or "").split()]
        assert all(0 <= x <= width for x in [*xs, *(x for x, _ in points)])
        assert all(0 <= y <= height for y in [*ys, *(y for _, y in points)])
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "prefers-color-scheme: dark" in text


def told(ahead, model, *, own=True, card=None, free=10**15, postview=None, wait=timedelta(0), learned=None, start=None):
    body = model_named(model) if model else None
    return list(
        notes(
            ahead,
            Circumstances(
                now=ahead.first - wait,
                start=start,
                model=body,
                own=own,
                postview=postview,
                needs=needs_of(ahead.slots, model=body, full_size=postview == "original"),
                free_bytes=free,
                folder="/there",
                card_bytes=card,
                learned=learned,
            ),
        )
    )


@pytest.mark.parametrize(
    ("ahead", "model", "more", "starts"),
    [
        (outlook((utc(2026, 6, 21, 8), 10, 60)), "DSC-QX10", {}, []),
        (outlook((utc(2026, 6, 21, 8), 2, 60)), "DSC-RX100M2", {"own": False}, ["the DSC-RX100M2, if that is your"]),
        (outlook((utc(2026, 6, 21, 8), 2, 60)), "DSC-RX100M2", {"learned": timedelta(seconds=1.9)}, ["shutter, "]),
        (
            outlook((utc(2026, 6, 21, 8), 2, 60)),
            None,
            {"learned": timedelta(seconds=2.4)},
            ["the camera needs about 2.4 s between shots"],
        ),
        (outlook((utc(2026, 6, 21, 8), 60, 10)), "DSC-QX10", {"free": 10**6}, ["only 1 MB are free in /there, 4.1 MB"]),
        (
            outlook((utc(2026, 6, 21, 8), 60, 10)),
            None,
            {"own": False, "wait": timedelta(days=9, hours=5)},
            ["nothing is due before 2026-06-21 10:00, in 9 days"],
        ),
        (
            outlook((utc(2026, 6, 21, 8), 60, 10)),
            None,
            {"own": False, "start": utc(2025, 6, 21, 8), "wait": timedelta(minutes=2)},
            ["2025-06-21 10:00 has gone by: the shoot begins at once, or when it next may"],
        ),
        (
            outlook((utc(2026, 6, 21, 8), 60, 10)),  # of a shoot that has begun
            None,
            {"own": False, "start": utc(2026, 6, 21, 8), "wait": timedelta(minutes=-9)},
            [],
        ),
        (
            outlook((utc(2026, 6, 21, 8), 60, 300)),
            "DSC-RX10M2",
            {},
            ["the DSC-RX10M2 is said to last 60 to 90 minutes"],
        ),
        (
            outlook((utc(2026, 6, 21, 8), 60, 300)),
            "DSC-QX10",
            {},
            ["how long the DSC-QX10 lasts on its battery over Wi-Fi is not known; for a shoot of 5h give it power"],
        ),
        (
            outlook((utc(2026, 6, 21, 8), 6, 1000)),
            "DSC-RX100M2",
            {"own": False, "card": 10**10},
            ["a card of 10 GB does not hold the 1000 frames: about 495 as RAW, about 354 as RAW and JPEG"],
        ),
        (
            outlook((utc(2026, 6, 21, 8), 6, 1000)),
            "DSC-QX10",
            {"card": 10**10},
            ["a card of 10 GB may become full: JPEGs of much detail take up to 15 GB", "how large a RAW"],
        ),
        (
            outlook((utc(2026, 12, 21, 15), 8, 600)),
            "DSC-RX100M2",
            {"own": False},
            ["exposures at night can last 3s at most"],
        ),
        (outlook((utc(2026, 12, 21, 15), 8, 600)), None, {"own": False}, ["an exposure at night, and saving its pic"]),
        (
            outlook((utc(2026, 6, 21, 8), 60, 60), place=LONGYEARBYEN, zone=OSLO),
            "DSC-QX10",
            {},
            ["the sun does not set on 2026-06-21"],
        ),
        (
            outlook((utc(2026, 12, 20, 8), 3600, 48), place=LONGYEARBYEN, zone=OSLO),
            None,
            {"own": False},
            ["the sun does not rise from 2026-12-20 to 2026-12-22"],
        ),
        (
            outlook(*NIGHTS),
            None,
            {"own": False},
            [
                "an exposure at night",
                "the clocks change on 2026-10-25, from CEST to CET: slots stay evenly spaced, and",
            ],
        ),
        (
            outlook((utc(2026, 6, 21, 8), 60, None), place=None),
            "DSC-RX100M2",
            {"own": False},
            ["the shoot has no end", "the DSC-RX100M2, if that is your camera, is said to last a few hours on its"],
        ),
    ],
)
def test_notes(ahead, model, more, starts):
    found = told(ahead, model, **more)
    assert len(found) == len(starts), found
    assert all(note.startswith(start) for note, start in zip(found, starts, strict=True)), found


def test_endurance_is_of_known_models_and_says_from_where():
    names = {model.name for model in MODELS}
    assert all(row.name in names and row.source for row in ROWS)
    assert needs_of(100, model=model_named("DSC-QX10"), full_size=False).card_bytes["raw"] is None
    assert needs_of(None, model=None, full_size=True).storage_bytes is None


def ahead_of(plan, begins, until=None):
    """Return the outlook of a plan of windows or light, until the plan's own end."""
    made = tuple(planned_stretches(plan, begins, sun_over(plan.place)))
    return outlook_of(made, place=plan.place, zone=plan.zone, count=made[-1].end, until=until)


def test_windows_that_wait_for_the_sun_in_the_polar_night():
    daylight = Window(start=SunTime(event=SunEvent.SUNRISE), end=SunTime(event=SunEvent.SUNSET))
    plan = Plan(
        interval=timedelta(minutes=1), place=LONGYEARBYEN, zone=OSLO, windows=(daylight,), length=timedelta(days=12)
    )
    begins = utc(2026, 10, 23, 6)
    ahead = ahead_of(plan, begins, begins + plan.length)
    assert [window.name for window in ahead.windows] == ["2026-10-23", "2026-10-24", "2026-10-25", "2026-10-26"]
    assert sum(window.slots for window in ahead.windows) == ahead.slots
    found = told(ahead, None, own=False)
    assert found[0] == "the sun does not rise from 2026-10-27 to 2026-11-04; on 9 of 9 days no window opens"
    assert found[1].endswith("slots stay evenly spaced, and windows follow the clocks")


def test_an_interval_that_follows_the_light_is_one_window():
    plan = Plan(
        interval=timedelta(seconds=10),
        place=KIEL,
        zone=BERLIN,
        length=timedelta(days=1),
        light="sun",
        day=Pace(interval=timedelta(seconds=10), degrees=6, ev=10),
        night=Pace(interval=timedelta(seconds=40), degrees=-12, ev=-2),
    )
    ahead = ahead_of(plan, utc(2026, 9, 23, 9))
    (window,) = ahead.windows
    assert len(window.intervals) > 9
    assert strip_chart(ahead, width=80)[2].endswith("3408 × 10s–40s")
    root = fromstring(svg_chart(ahead, "light"))
    (steps,) = root.findall("{http://www.w3.org/2000/svg}polyline[@class='steps']")
    heights = {point.split(",")[1] for point in steps.get("points").split()}
    assert len(heights) == len(window.intervals)
