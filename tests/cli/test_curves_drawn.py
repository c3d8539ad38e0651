"""The curves of deflicker as rows, table, plot and page, from a solution made up here."""

import csv
import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.cli.curves import plot
from dayspool.cli.curves.account import COLUMNS, Account, Note, account_of
from dayspool.cli.curves.files import FORMS, check_name, write_curves
from dayspool.cli.svg_time import TimeScale
from dayspool.core.frame import GapReason
from dayspool.deflicker import Curves
from dayspool.errors import JournalUnwritable, PlanError

BEGIN = datetime(2026, 6, 21, 18, tzinfo=UTC)
SVG = "{http://www.w3.org/2000/svg}"


def due(slot: int) -> datetime:
    return BEGIN + timedelta(seconds=10 * slot)


def curves(slots: list[int], **changed: object) -> Curves:
    n = len(slots)
    level = np.linspace(0, -1, n)
    values: dict[str, object] = {
        "slots": np.array(slots),
        "nominal_ev": np.floor(np.arange(n) / 10) / 3,
        "measured_ev": level + np.where(np.arange(n) % 2, 0.1, -0.1),
        "trend_ev": level,
        "grade_ev": np.where(np.arange(n) % 2, -0.1, 0.1),
        "measured_red": np.linspace(0, 0.2, n),
        "measured_blue": np.linspace(0, -0.2, n),
        "grade_red": np.zeros(n),
        "grade_blue": np.zeros(n),
        "confidence": np.full(n, 0.9),
        "rejected": np.full(n, 0.1),
        "piece": np.zeros(n, np.int64),
        "bounded": np.zeros(n, np.bool_),
        "stepped": np.arange(n) == 10,
    }
    return Curves(**(values | changed))


def account(n: int = 40, **changed: object) -> Account:
    slots = [*range(n // 2), *range(n // 2 + 5, n + 5)]
    given: dict[str, object] = {
        "moments": {slot: due(slot) for slot in [*slots, n + 9]},
        "excluded": {n + 9: "640×480 px, the others are 5472×3648"},
        "odd": {3: Note(kind="covered", remedy="correct", sentence="61 % <covered>")},
        "gaps": [(n // 2 + k, GapReason.CAMERA_BUSY if k < 3 else GapReason.PAUSED) for k in range(5)],
        "due": due,
        "sun": lambda moment: 5 - (moment - BEGIN) / timedelta(minutes=1),
        "zone": UTC,
    }
    every = changed.pop("steps", None)
    stepped = np.arange(n) == 10 if every is None else np.arange(n) % every == 0
    return account_of(curves(slots, stepped=stepped), **(given | changed))


def test_every_frame_has_a_row_and_runs_of_gaps_one_each() -> None:
    made = account()
    assert [row.slot for row in made.rows] == [*range(20), *range(25, 45), 49]
    assert [(gap.first, gap.last, gap.reason) for gap in made.gaps] == [
        (20, 22, "the camera was still busy"),
        (23, 24, "the shoot was paused"),
    ]
    assert made.gaps[0].begin == due(20)
    assert made.gaps[0].end == due(23)
    assert (made.rows[3].odd, made.rows[3].remedy) == ("covered", "correct")
    last = made.rows[-1]
    assert (last.grade_ev, last.confidence, last.excluded) == (None, None, "640×480 px, the others are 5472×3648")
    assert last.sun_degrees == pytest.approx(5 - 490 / 60, abs=0.01)


def test_what_nobody_knows_is_null() -> None:
    made = account_of(
        curves([0, 1], nominal_ev=np.array([np.nan, 1.0])),
        moments={0: due(0), 1: due(1)},
        excluded={},
        odd={},
        gaps=[],
        due=due,
        sun=None,
        zone=UTC,
    )
    told = made.values()["frames"]
    assert [row["nominal_ev"] for row in told] == [None, 1.0]
    assert told[0]["sun_degrees"] is None
    json.dumps(told, allow_nan=False, default=str)


def test_the_contract_names_are_there() -> None:
    row = account().values()["frames"][0]
    assert {"slot", "nominal_ev", "measured_ev", "trend_ev", "grade_ev", "confidence"} <= row.keys()


def test_table_repeats_the_rows() -> None:
    made = account()
    rows = list(csv.DictReader(io.StringIO(FORMS[".csv"](made, "x"))))
    assert tuple(rows[0]) == COLUMNS
    assert [float(row["grade_ev"]) for row in rows[:-1]] == [row.grade_ev for row in made.rows[:-1]]
    assert rows[-1]["grade_ev"] == ""
    assert rows[10]["stepped"] == "1"


def test_json_file_says_what_json_says() -> None:
    made = account()
    told = json.loads(FORMS[".json"](made, "harbour"))
    assert told["shoot"] == "harbour"
    assert told["frames"][5]["measured_ev"] == made.rows[5].measured_ev
    assert told["frames"][5]["utc"] == due(5).isoformat()
    assert next(csv.DictReader(io.StringIO(FORMS[".csv"](made, "x"))))["utc"] == due(0).isoformat()


def test_plot_breaks_at_gaps_and_names_what_is_odd() -> None:
    tree = ElementTree.fromstring(FORMS[".svg"](account(), "harbour <b>"))
    assert next(tree.iter(f"{SVG}title")).text == "harbour <b>"
    trend = [one for one in tree.iter(f"{SVG}polyline") if one.get("class") == "trend"]
    assert len(trend) == 3, "one for the legend, one before the gap and one behind it"
    titles = [one.text or "" for one in tree.iter(f"{SVG}title")]
    assert any("61 % <covered>; correct" in title for title in titles)
    assert any("slots 23 to 24: the shoot was paused" in title for title in titles)


@pytest.mark.parametrize(
    ("changed", "names"),
    [
        ({}, ["Brightness, EV", "Nominal, EV", "Grade, EV", "Confidence", "Colour, log2", "Sun, degrees"]),
        ({"sun": None}, ["Brightness, EV", "Nominal, EV", "Grade, EV", "Confidence", "Colour, log2"]),
    ],
)
def test_panels_are_drawn_for_what_is_known(changed: dict[str, object], names: list[str]) -> None:
    tree = ElementTree.fromstring(FORMS[".svg"](account(**changed), "x"))
    assert [one.text for one in tree.iter(f"{SVG}text") if one.get("class") == "name"] == names


def test_a_lift_is_told_of() -> None:
    drawn = FORMS[".svg"](account(), "x"), FORMS[".svg"](replace(account(), lift_ev=0.183), "x")
    assert ["all brightened by 0.18 EV" in one for one in drawn] == [False, True]


def test_plot_of_many_frames_stays_small() -> None:
    assert len(FORMS[".svg"](account(20_000), "x")) < 600_000


@pytest.mark.parametrize("excluded", [{}, {7: "it is empty"}])
def test_a_single_frame_is_drawn(excluded: dict[int, str]) -> None:
    one = account_of(curves([7]), moments={7: due(7)}, excluded=excluded, odd={}, gaps=[], due=due, sun=None, zone=UTC)
    tree = ElementTree.fromstring(FORMS[".svg"](one, "x"))
    assert "Brightness, EV" in [name.text for name in tree.iter(f"{SVG}text")]
    measured = [one.get("points", "").split() for one in tree.iter(f"{SVG}polyline") if one.get("class") == "measured"]
    assert len(measured) == (1 if excluded else 2), "the legend's, and the frame's"
    assert all(points[0] != points[-1] for points in measured), "with a length that can be seen"
    assert "slot" in FORMS[".html"](one, "x")


@pytest.mark.parametrize(
    ("low", "high", "height", "labels"),
    [
        (-0.1, 1.1, 70, ["0.0", "0.5", "1.0"]),
        (-4.3, 7.9, 70, ["0", "5"]),
        (-0.05, 0.05, 180, ["−0.04", "−0.02", "0.00", "0.02", "0.04"]),
        (-12.7, 62, 70, ["0", "20", "40", "60"]),
    ],
)
def test_scales_have_round_values(low: float, high: float, height: int, labels: list[str]) -> None:
    assert plot._labels(plot._ticks(low, high, height)) == labels


@given(low=st.floats(-100, 100), size=st.floats(0.05, 100), height=st.sampled_from([70, 90, 180]))
def test_every_scale_has_two_values_or_more_and_room_for_them(low: float, size: float, height: int) -> None:
    ticks = plot._ticks(low, low + size, height)
    assert 2 <= len(ticks) <= 1 + height / 13
    assert all(low - 1e-9 <= value <= low + size + 1e-9 for value in ticks)
    assert len(set(plot._labels(ticks))) == len(ticks)


def test_marks_that_would_hide_each_other_are_one() -> None:
    odd = {slot: Note(kind="covered", remedy="correct", sentence="it is") for slot in range(2000)}
    tree = ElementTree.fromstring(FORMS[".svg"](account(2000, odd=odd, excluded={}), "x"))
    told = [mark[0].text or "" for mark in tree.iter(f"{SVG}path") if mark.get("class") == "odd"]
    assert 100 < len(told) < 250
    assert told[0].startswith("slot 0: it is; correct\nslot 1")
    assert re.search(r"and \d+ more$", max(told, key=len))


def test_many_steps_are_marked_at_the_bottom_only() -> None:
    few, many = (FORMS[".svg"](account(2000, **changed), "x") for changed in ({}, {"steps": 3}))
    assert max(_lengths(few)) > 60
    assert max(_lengths(many)) < 10


def _lengths(drawing: str) -> list[float]:
    steps = [one for one in ElementTree.fromstring(drawing).iter(f"{SVG}line") if one.get("class") == "step"]
    return [float(one.get("y2", 0)) - float(one.get("y1", 0)) for one in steps]


@pytest.mark.parametrize(("seconds", "label"), [(40, "18:00:20"), (600, "18:05"), (200_000, "18:00"), (3e6, "01 Jul")])
def test_the_axis_suits_the_length_of_the_shoot(seconds: float, label: str) -> None:
    axis = TimeScale(begin=BEGIN, end=BEGIN + timedelta(seconds=seconds), zone=UTC, left=0, right=900).axis(100)
    assert f">{label}</text>" in "".join(axis)


def test_page_needs_nothing_from_elsewhere_and_escapes_all() -> None:
    page = FORMS[".html"](account(notes=("a <note>",)), "harbour </script>")
    assert not re.search(r"(src|href)=|url\(|@import|fetch\(", page)
    assert "harbour </script>" not in page
    assert "61 % &lt;covered&gt;" in page
    assert "a &lt;note&gt;" in page
    embedded = json.loads(re.search(r'<script type="application/json" id="frames">(.*?)</script>', page, re.S)[1])
    assert len(embedded["x"]) == len(embedded["rows"]) == 41
    assert embedded["rows"][0][0] == 0
    assert "61 % &lt;covered&gt;</td>" in page
    assert "<td>2026-06-21 18:00:30</td>" in page, "the day too: there are shoots of many"


def test_files_are_whole_and_named_by_their_form(tmp_path) -> None:
    for ending in FORMS:
        path = tmp_path / f"curves{ending}"
        check_name(path)
        write_curves(path, account(), "x")
        write_curves(path, account(), "x")
        assert path.read_text() == FORMS[ending](account(), "x")
    assert len(list(tmp_path.iterdir())) == len(FORMS)
    with pytest.raises(JournalUnwritable, match="cannot be written"):
        write_curves(tmp_path / "curves.svg" / "x.svg", account(), "x")


@pytest.mark.parametrize("name", ["curves.png", "curves", "missing/curves.svg", "folder.svg", "x" * 300 + ".svg"])
def test_a_bad_name_is_refused_before_any_work(tmp_path, name: str) -> None:
    (tmp_path / "folder.svg").mkdir()
    with pytest.raises(PlanError, match=r"-o|make that folder"):
        check_name(tmp_path / name)
