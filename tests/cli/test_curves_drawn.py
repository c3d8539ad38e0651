"""The curves of deflicker as rows, table, plot and page, from a solution made up here."""

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import numpy as np
import pytest

from dayspool.cli.curves.account import COLUMNS, Account, Note, account_of
from dayspool.cli.curves.files import FORMS, check_name, write_curves
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
    return account_of(curves(slots), **(given | changed))


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


def test_plot_of_many_frames_stays_small() -> None:
    assert len(FORMS[".svg"](account(20_000), "x")) < 600_000


def test_a_single_frame_is_drawn() -> None:
    one = account_of(curves([7]), moments={7: due(7)}, excluded={}, odd={}, gaps=[], due=due, sun=None, zone=UTC)
    ElementTree.fromstring(FORMS[".svg"](one, "x"))
    assert "slot" in FORMS[".html"](one, "x")


def test_page_needs_nothing_from_elsewhere_and_escapes_all() -> None:
    page = FORMS[".html"](account(notes=("a <note>",)), "harbour </script>")
    assert not re.search(r"(src|href)=|url\(|@import|fetch\(", page)
    assert "harbour </script>" not in page
    assert "61 % &lt;covered&gt;" in page
    assert "a &lt;note&gt;" in page
    embedded = json.loads(re.search(r'<script type="application/json" id="frames">(.*?)</script>', page, re.S)[1])
    assert len(embedded["x"]) == len(embedded["rows"]) == 41
    assert embedded["rows"][0][0] == 0


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


@pytest.mark.parametrize("name", ["curves.png", "curves", "missing/curves.svg", "folder.svg"])
def test_a_bad_name_is_refused_before_any_work(tmp_path, name: str) -> None:
    (tmp_path / "folder.svg").mkdir()
    with pytest.raises(PlanError, match=r"-o|make that folder"):
        check_name(tmp_path / name)
