"""`shoot.toml`: read with every mistake at once and its line, written so that it reads the same."""

import re
from dataclasses import fields, replace
from datetime import UTC, datetime, time, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.config import (
    CameraSection,
    DeflickerSection,
    LookSection,
    PaceSection,
    PhaseSection,
    PlanFile,
    load_plan,
    parse_moment,
    parse_place,
    save_plan,
)
from dayspool.config.deflicker_section import HIGHLIGHTS, ODD, REMEDIES
from dayspool.config.plan_text import plan_text
from dayspool.core.moments import SunEvent, SunTime, Window
from dayspool.core.plan import Place
from dayspool.core.windows import schedule_of
from dayspool.deflicker.wish import DeflickerWish, Highlights, OddKind, Remedy
from dayspool.errors import JournalUnwritable, PlanError
from dayspool.look.wish import Between
from dayspool.render.odd import REMEDIES as DONE
from dayspool.sun import sun_over
from tests.house.package import REPOSITORY

durations = st.timedeltas(min_value=timedelta(milliseconds=50), max_value=timedelta(days=300))
moments = st.integers(min_value=0, max_value=4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
places = st.builds(Place, latitude=st.floats(-90, 90), longitude=st.floats(-180, 180))
ends = st.one_of(
    st.just({}),
    st.builds(lambda length: {"for_": length}, durations),
    st.builds(lambda frames: {"frames": frames}, st.integers(1, 10**6)),
    st.builds(lambda until: {"until": until}, moments | st.just(SunTime(event=SunEvent.DUSK))),
)
clocks = st.times().map(lambda clock: clock.replace(microsecond=0))
offsets = st.integers(-720, 720).map(lambda minutes: timedelta(minutes=minutes))
suns = st.builds(SunTime, event=st.sampled_from(SunEvent), offset=offsets)
windows = st.builds(Window, start=clocks | suns, end=clocks | suns)
paces = st.builds(PaceSection, every=durations, sun=st.none() | st.floats(-18, 60), ev=st.none() | st.floats(-9, 20))
phases = st.builds(
    PhaseSection,
    name=st.text(min_size=1).filter(lambda name: name != "light"),
    from_=clocks | suns | moments,
    until=clocks | suns,
    every=durations,
)
zones = st.sampled_from([None, "UTC", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe"])
cameras = st.builds(
    CameraSection,
    url=st.sampled_from([None, "10.0.0.1", "http://10.0.0.1:10000/camera", 'http://10.0.0.1/a"b\\c#d']),
    postview=st.sampled_from([None, "original", "2M"]),
)
positions = st.one_of(
    st.floats(0, 100).map(lambda percent: f"{percent:.3f}%"),
    st.integers(0, 10**6).map(lambda slot: f"slot:{slot}"),
    st.sampled_from(["sunset", "dawn-20m", "21:30", "2026-06-21T21:30"]),
)
looks = st.builds(
    LookSection,
    keyframes=st.sampled_from(["edited", "none", "rating:4", "label:red"]) | st.lists(st.integers(0, 10**6)).map(tuple),
    between=st.sampled_from(Between),
    path=st.none() | st.sampled_from(["warm.dtstyle", 'a "b"/ü\n.xmp', "~/looks"]).map(Path),
    ramp=st.dictionaries(
        st.sampled_from(["exposure.exposure", "temperature.red", "basecurve.basecurve[0][3].x"]),
        st.dictionaries(positions, st.floats(-18, 18), min_size=1, max_size=4),
    ),
    moving=st.lists(st.sampled_from(["crop", "ashift"]), unique=True).map(tuple),
    curve=st.sampled_from([(), ((0.0, 0.0), (0.25, 0.2), (1.0, 1.0))]),
    pictures=st.sampled_from(["auto", "wifi", "card"]),
)
deflickers = st.builds(
    DeflickerSection,
    on=st.booleans(),
    smooth=st.integers(100_000, 60_000_000).map(lambda microseconds: timedelta(microseconds=microseconds)),
    bound=st.floats(0.001, 10),
    colour=st.booleans(),
    highlights=st.sampled_from(HIGHLIGHTS),
    region=st.sampled_from([(0.0, 0.0, 1.0, 1.0), (0.1, 0.5, 0.9, 1.0)]),
    mask=st.none() | st.sampled_from(["mask.png", 'a "b"/ü.png']).map(Path),
    tone=st.sampled_from([None, (), ((0.5, 0.25), (0.8, 0.6))]),
    second_pass=st.booleans(),
    keyframes=st.dictionaries(st.integers(0, 10**9), st.floats(-10, 10), max_size=3),
    odd=st.dictionaries(st.sampled_from(ODD), st.sampled_from(REMEDIES)),
)
plans = st.builds(
    lambda end, light, **rest: PlanFile(**rest, **end, **light),
    every=durations,
    end=ends,
    place=places,
    camera=cameras,
    from_=st.none() | clocks | suns,
    windows=st.lists(windows, max_size=3).map(tuple),
    days=st.sets(st.integers(0, 6)).map(sorted).map(tuple),
    zone=zones,
    offset=st.just(timedelta(0)) | durations,
    light=st.just({})
    | st.builds(lambda day: {"day": day}, paces.map(lambda pace: replace(pace, sun=-3.0)))
    | st.builds(lambda night: {"night": replace(night, ev=-1.0), "light": "meter"}, paces),
    look=st.none() | looks,
    deflicker=st.none() | deflickers,
    phase=st.lists(phases, max_size=2, unique_by=lambda phase: phase.name).map(tuple),
)


@given(plans)
def test_a_plan_survives_being_written(tmp_path_factory, plan):
    path = tmp_path_factory.mktemp("plan") / "shoot.toml"
    save_plan(path, plan)
    assert load_plan(path) == plan


def load(tmp_path, text):
    (tmp_path / "shoot.toml").write_text(text)
    return load_plan(tmp_path / "shoot.toml")


def test_what_a_person_writes(tmp_path):
    plan = load(
        tmp_path,
        """# my evening
every = "10s"
until = 2026-06-21T23:00:00+02:00
from = "2026-06-21T20:00+02:00"   # before sunset

[place]
latitude = 54
longitude = 10.14
""",
    )
    assert plan.every == timedelta(seconds=10)
    assert plan.until == datetime(2026, 6, 21, 21, tzinfo=UTC)
    assert plan.from_ == datetime(2026, 6, 21, 18, tzinfo=UTC)
    assert plan.place == Place(latitude=54, longitude=10.14)
    assert schedule_of(plan.plan(), datetime(2026, 6, 1, tzinfo=UTC)).count == 1080


def test_a_season_as_a_person_writes_it(tmp_path):
    planned = load(
        tmp_path,
        """every = "10s"
until = 2026-09-30
windows = ["sunset-1h..sunrise+1h", "12:00-12:30"]
days = ["mon-wed", "sun"]
zone = "Asia/Kolkata"

[night]
every = "30s"

[[phase]]
name = "sunset"
from = "sunset-30m"
until = "dusk"
every = "3s"

[[phase]]
name = "eclipse"
from = 2026-08-12T18:00:00
until = 20:30:00
every = "2s"

[place]
latitude = 54.32
longitude = 10.14
""",
    )
    plan = planned.plan()
    india = timezone(timedelta(hours=5, minutes=30))
    assert plan.end == datetime(2026, 9, 30, tzinfo=india)
    assert plan.windows[1] == Window(start=time(12), end=time(12, 30))
    assert plan.windows[0].start == SunTime(event=SunEvent.SUNSET, offset=timedelta(hours=-1))
    assert (plan.days, plan.light, plan.zone) == ((0, 1, 2, 6), "sun", ZoneInfo("Asia/Kolkata"))
    assert (plan.day.interval, plan.day.degrees, plan.night.interval, plan.night.degrees) == (
        timedelta(seconds=10), 0.0, timedelta(seconds=30), -12.0,
    )  # fmt: skip
    assert [(phase.name, phase.interval.total_seconds()) for phase in plan.phases] == [("sunset", 3), ("eclipse", 2)]
    assert plan.phases[1].start == datetime(2026, 8, 12, 18, tzinfo=india)
    assert plan.phases[1].end == time(20, 30)


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", ["every: missing"]),
        ('evry = "1s"', ["every: missing", ":1: evry: unknown; did you mean every?"]),
        ('every = "1s"\nxyz = 1', [":2: xyz: unknown; the keys are"]),
        ("every = 10", [":1: every: 10 is no duration"]),
        ('every = "soon"\nframes = 1.5', [":1: every: 'soon' is no duration", ":2: frames: 1.5 is no whole number"]),
        ('every = "1s"\nframes = true', [":2: frames: True is no whole number"]),
        ('every = "1s"\nuntil = "noon"', [":2: until: 'noon' is no moment"]),
        ('every = "1s"\nuntil = 12', [":2: until: 12 is no moment"]),
        ('every = "1ms"\nframes = 0', [":1: every: the interval must lie", ":2: frames: a shoot needs"]),
        ('every = "1s"\nfor = "1h"\nframes = 3', [":2: for, frames: give only one"]),
        ('every = "1s"\n[place]\nlatitude = 91\nlongitude = 0', [":3: place.latitude: must lie"]),
        (
            'every = "1s"\nplace = {latitude = 91, longitude = 200}',
            [":2: place.latitude: must lie", ":2: place.longitude: must lie"],
        ),
        ('every = "1s"\nplace.latitude = 91\n"place" . "longitude" = 200', [":2: place.lat", ":3: place.long"]),
        (
            'every = "1s"\nfor = "1h"\nframes = -5\nx = 1',
            [":2: for, frames: give", ":3: frames: a shoot", ":4: x: unk"],
        ),
        ('evry = "1s"\nframes = 0', ["every: missing", ":1: evry: unknown", ":2: frames: a shoot needs"]),
        (
            'every = "1s"\nframes = 0\n[camera]\nurl = "ftp://x"',
            [":2: frames: a shoot", ":4: camera.url: 'ftp://x' is no"],
        ),
        ('every = "1s"\n"a.b" = 1\nuntil = 0001-01-01', [":2: a.b: unknown", ":3: until: '0001-01-01' is no moment"]),
        ('every = "1s"\n[place]\nlatitude = "x"', [":3: place.latitude: 'x' is no number", "place.longitude: missing"]),
        ('every = "1s"\n[camera]\nurl = 5', [":3: camera.url: 5 is no text"]),
        ('every = "1s"\n[camera]\npostview = "4M"', [":3: camera.postview: pictures come as original or 2M"]),
        ('every = "1s"\nplace = 5', ["place"]),
        (
            'every = "1s"\nwindows = ["6-7", "noon..dusk"]\ndays = "monday"\nzone = "Mars"\nlight = "moon"',
            [
                ":2: windows: '6-7' is no window",
                ":3: days: 'monday' are no weekdays",
                ":4: zone: 'Mars' is no time zone",
                ":5: light: the interval follows the light by sun or meter",
            ],
        ),
        ('every = "1s"\nwindows = "06:00-22:00"\ndays = 5', [":2: windows: ", ":3: days: 5 are no weekdays"]),
        ('every = "1s"\nfrom = "sunset+soon"', [":2: from: 'soon' is no duration"]),
        ('every = "1s"\nfrom = "sunset"\nuntil = "dawn+13h"', [":3: until: dawn can be moved", ":2: from, until: the"]),
        ('every = "1s"\nphase = "3s"', [":2: phase: write each phase as a table"]),
        (
            'every = "1s"\n[[phase]]\nname = "a"\nfrom = "6:00"\nuntil = "7:00"\nevery = "1s"\n'
            '[[phase]]\nname = "a"\nfrom = "sunset"\nuntil = 7\nevry = "1ms"',
            [":10: phase[2].until: 7 is no moment", "phase[2].every: missing", ":11: phase[2].evry: unknown; did you"],
        ),
        (
            'every = "1s"\n[[phase]]\nname = "a"\nfrom = "6:00"\nuntil = "7:00"\nevery = "1ms"\n'
            '[[phase]]\nname = "a"\nfrom = "sunset"\nuntil = "7:00"\nevery = "1s"',
            [
                ":6: phase[1].every: the interval must",
                ":9: phase[2].from: the sun needs a place",
                ":8: phase[2].name: an",
            ],
        ),
        ('every = "1s"\nlight = "meter"', [":2: light, day, night: say an interval for it"]),
        ('every = 1\nfrom = "sunset"\n[place]\nlatitude = 5', [":1: every: 1 is no", ":3: place.longitude: missing"]),
        ('for = "1h"', ["every: missing"]),
        (
            'every = "1s"\n[night]\nevery = "9s"\nsun = 5',
            ["light: the sun needs a place", ":4: day.sun, night.sun: the"],
        ),
        (
            'every = "1s"\n[look]\nkeyframes = "rating:9"\nbetween = "smoth"\npictures = 3\nmoving = "crop"\ncurv = 1\n'
            'curve = [[0, 0], [2, 1]]\npath = 5\n[look.ramp]\n"exposure.exposure" = {"0%" = 0, "120%" = 1}\n'
            'exposure.black = {"0%" = "x"}\n"temperature.red" = 5\nx.y = {"soon" = 1}',
            [
                ":3: look.keyframes: 'rating:9' chooses no keyframes",
                ":4: look.between: 'smoth' is not known; did you mean smooth?",
                ":5: look.pictures: 3 is not known; it can be auto, wifi, card",
                ":6: look.moving: 'crop' are no modules",
                ":7: look.curv: unknown; did you mean curve?",
                ":8: look.curve: [[0, 0], [2, 1]] is no curve",
                ":9: look.path: 5 is no path",
                ":11: look.ramp.exposure.exposure: 120% lies behind the end",
                ":12: look.ramp.exposure.black: at 0%: 'x' is no number",
                ":13: look.ramp.temperature.red: 5 is no ramp",
                ":14: look.ramp.x.y: 'soon' is no position",
            ],
        ),
        ('every = "1s"\nlook = 3', [":2: look: write it as one table, [look], with its values below"]),
        ('every = "1s"\n[[look]]\npin = true', [":2: look: write it as one table, [look]"]),
        ('every = "1s"\nplace = "here"', [":2: place: write it as one table, [place]"]),
        ('every = "1s"\n[look]\nmoving = ["crp"]', [":3: look.moving: 'crp' is none of the modules that stand still"]),
        (
            'every = "1s"\n[look.ramp]\n"exposure.exposure" = {"0%" = 99}',
            [":3: look.ramp.exposure.exposure: 99 EV at 0% is beyond the 18 EV"],
        ),
        ('every = "1s"\n[look]\nkeyframes = true', [':3: look.keyframes: True chooses no keyframes; write "edited"']),
        (
            'every = "1s"\n[deflicker]\nsmoth = "1s"\nsmooth = "3d"\nbound = 0\nhighlights = "lft"\n'
            'region = [0, 1, 1, 0]\nmask = 5\non = "no"\n[deflicker.keyframes]\n12 = 0.5\nx = 1\n13 = "a"\n'
            '[deflicker.odd]\nbirds = "drop"\n'
            'coverd = "drop"\ncovered = "brop"\nblurred = 3',
            [
                ":3: deflicker.smoth: unknown; did you mean smooth?",
                ":4: deflicker.smooth: 3d is nothing to smooth over",
                ":5: deflicker.bound: 0 is no bound",
                ":6: deflicker.highlights: 'lft' is not known; did you mean lift?",
                ":7: deflicker.region: [0, 1, 1, 0] is no region",
                ":8: deflicker.mask: 5 is no path",
                ":9: deflicker.on: 'no' is neither true nor false",
                ":12: deflicker.keyframes.x: 'x' is no slot",
                ":13: deflicker.keyframes.13: 'a' is no grade",
                ":15: deflicker.odd.birds: unknown; the keys are covered, blurred",
                ":16: deflicker.odd.coverd: unknown; did you mean covered?",
                ":17: deflicker.odd.covered: 'brop' is not known; did you mean drop?",
                ":18: deflicker.odd.blurred: 3 is not known; it can be keep, correct, blend, drop",
            ],
        ),
        (
            'every = "1s"\n[deflicker]\ntone = [[0.5, 0.25], [0.4, 0.3]]',
            [":3: deflicker.tone: of the points of a tone both numbers rise"],
        ),
        ('every = "1s"\n[deflicker]\ntone = "s-log"', [":3: deflicker.tone: 's-log' is no tone"]),
        ('every = "1s"\n[deflicker]\nsmooth = 1', [":3: deflicker.smooth: 1 is no duration"]),
        (
            'every = "1s"\n[deflicker]\nodd = 1\nkeyframes = 2',
            [":3: deflicker.odd: write", ":4: deflicker.keyframes: write"],
        ),
        ('every = "1s"\ndeflicker = false', [":2: deflicker: write it as one table, [deflicker]"]),
        ("every = ", ["cannot be read"]),
        ("\x00", ["cannot be read"]),
    ],
)
def test_mistakes_are_all_listed_with_their_lines(tmp_path, text, problems):
    with pytest.raises(PlanError) as caught:
        load(tmp_path, text)
    assert len(caught.value.problems) == len(problems)
    for expected in problems:
        assert expected in str(caught.value)


def test_deflicker_as_a_person_writes_it(tmp_path):
    planned = load(
        tmp_path,
        """every = "10s"
[deflicker]
smooth = "2s"  # of film
bound = 2
region = [0, 0.5, 1, 1]
[deflicker.keyframes]
120 = 0.3
[deflicker.odd]
covered = "blend"
""",
    )
    wish = planned.deflicker.wish()
    assert (wish.smooth_seconds, wish.bound_ev, wish.keyframes) == (2.0, 2.0, {120: 0.3})
    assert wish.region == (0.0, 0.5, 1.0, 1.0)
    assert wish.odd == {OddKind.COVERED: Remedy.BLEND}


def test_deflicker_of_a_plan_is_by_default_that_of_deflicker():
    assert DeflickerSection().wish() == DeflickerWish()
    assert (tuple(Highlights), tuple(OddKind), tuple(Remedy)) == (HIGHLIGHTS, ODD, REMEDIES)


def test_a_look_as_a_person_writes_it(tmp_path):
    planned = load(
        tmp_path,
        """every = "10s"
[look]
path = "warm.dtstyle"  # from the shoot's folder on
keyframes = [0, 120]
curve = [[0, 0], [0.5, 0.6], [1, 1]]
[look.ramp]
"exposure.exposure" = {"0%" = 0, "sunset" = 0.8}
temperature.red = {"slot:5" = 2.0}
""",
    )
    assert planned.look == LookSection(
        path=Path("warm.dtstyle"),
        keyframes=(0, 120),
        curve=((0.0, 0.0), (0.5, 0.6), (1.0, 1.0)),
        ramp={"exposure.exposure": {"0%": 0.0, "sunset": 0.8}, "temperature.red": {"slot:5": 2.0}},
    )
    wish = planned.look.wish(tmp_path)
    assert (wish.path, wish.keyframes, wish.between) == (tmp_path / "warm.dtstyle", (0, 120), Between.MONOTONE)


def test_a_look_of_ramps_alone_has_no_empty_table():
    ramp = {"exposure.exposure": {"0%": 0.0, "100%": 1.0}}
    written = plan_text(PlanFile(every=timedelta(seconds=1), look=LookSection(ramp=ramp)))
    assert "[look]" not in written
    assert '[look.ramp]\n"exposure.exposure" = {"0%" = 0.0, "100%" = 1.0}' in written


def test_the_plan_of_an_import_needs_no_interval(tmp_path):
    (tmp_path / "shoot.toml").write_text('[look]\nbetween = "linear"')
    assert load_plan(tmp_path / "shoot.toml", imported=True).look == LookSection(between=Between.LINEAR)
    with pytest.raises(PlanError, match="every: missing"):
        load_plan(tmp_path / "shoot.toml")


def test_a_plan_that_is_not_there(tmp_path):
    with pytest.raises(PlanError, match="is not there"):
        load_plan(tmp_path / "shoot.toml")


def test_a_plan_is_never_overwritten(tmp_path):
    load(tmp_path, 'every = "1s"')
    with pytest.raises(PlanError, match="is there already"):
        save_plan(tmp_path / "shoot.toml", PlanFile(every=timedelta(seconds=2)))
    assert (tmp_path / "shoot.toml").read_text() == 'every = "1s"'


def test_a_disk_that_refuses_a_plan_is_no_misuse(tmp_path):
    with pytest.raises(JournalUnwritable, match="cannot be written"):
        save_plan(tmp_path / "nowhere" / "shoot.toml", PlanFile(every=timedelta(seconds=2)))


@pytest.mark.parametrize("value", ["2026-06-21", "2026-06-21T00:00:00", '"2026-06-21"', "2026-06-21 00:00:00.000"])
def test_a_day_or_a_moment_without_a_zone_is_this_machines(tmp_path, value):
    assert load(tmp_path, f'every = "1s"\nuntil = {value}').until == datetime(2026, 6, 21).astimezone()


def test_a_moment_without_a_zone_is_local():
    assert parse_moment("2026-06-21T04:30+02:00") == datetime(2026, 6, 21, 2, 30, tzinfo=UTC)
    assert parse_moment("2026-06-21T04:30").tzinfo is not None
    for text in ("dawn", "0001-01-01", "2026-02-30"):
        with pytest.raises(PlanError):
            parse_moment(text)


@pytest.mark.parametrize("text", ["", "54", "54,10,3", "north,east", "99,0"])
def test_what_is_no_place(text):
    with pytest.raises(PlanError):
        parse_place(text)


PLANS = (REPOSITORY / "docs" / "plans.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", re.findall(r"```toml\n(.*?)```", PLANS, re.DOTALL))
def test_the_examples_of_the_docs_are_plans(tmp_path, text):
    planned = load(tmp_path, text)
    sun = sun_over(planned.place) if planned.place else None
    schedule_of(planned.plan(), datetime(2026, 6, 1, tzinfo=UTC), sun)


def test_what_the_docs_say_of_deflicker_is_what_it_does(tmp_path):
    (text,) = [text for text in re.findall(r"```toml\n(.*?)```", PLANS, re.DOTALL) if "[deflicker.odd]" in text]
    said = load(tmp_path, text).deflicker
    assert {OddKind(kind): Remedy(remedy) for kind, remedy in said.odd.items()} == DONE
    shown = {"mask": None, "tone": None, "keyframes": {}, "odd": {}}
    assert replace(said, **shown) == DeflickerSection(**shown)
    page = (REPOSITORY / "docs" / "deflicker.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    load(tmp_path, 'every = "10s"\n' + text)
    assert re.findall(r"^\| (\w+) \|.*\| (?:graded|kept|only)", page, re.MULTILINE) == list(DONE)


def test_the_docs_name_every_key():
    keys = [
        field.name.rstrip("_")
        for kind in (PlanFile, PaceSection, PhaseSection, LookSection, DeflickerSection)
        for field in fields(kind)
    ]
    assert [key for key in keys if not re.search(rf"\b{key}\b", PLANS)] == []
