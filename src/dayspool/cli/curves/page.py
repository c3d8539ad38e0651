"""The curves of deflicker as one self-contained HTML page: the plot, the numbers under the pointer, what is odd."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING

from dayspool.cli.curves.plot import BOTTOM, TOP, WIDTH, svg_curves, time_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dayspool.cli.curves.account import Account

__all__ = ["html_curves"]

_MOST_NAMED = 500  # odd frames and gaps in the tables; the JSON names all
_READ = ("nominal_ev", "measured_ev", "trend_ev", "grade_ev", "confidence", "rejected_share", "sun_degrees")
_LEAP = 25  # frames at once, by the keys for pages
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 15px/1.5 system-ui, sans-serif; max-width: {width}px; margin: 1.5rem auto; padding: 0 1rem;
  color: #1c1e21; background: #ffffff; }}
svg {{ width: 100%; height: auto; display: block; }}
.mark {{ stroke: #b45309; pointer-events: none; }}
#reading {{ position: sticky; top: 0; min-height: 1.5em; padding: .3rem .6rem; background: #f3f5f8;
  font-variant-numeric: tabular-nums; }}
table {{ border-collapse: collapse; margin: .5rem 0 1.5rem; }}
caption {{ text-align: left; font-weight: 600; }}
th, td {{ text-align: left; padding: .15rem .8rem .15rem 0; vertical-align: top; }}
@media (prefers-color-scheme: dark) {{ body {{ color: #e6e8eb; background: #14161a; }}
  #reading {{ background: #1e2127; }} .mark {{ stroke: #fbbf24; }} }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p id="reading" role="status">Point at the curves, or go through them with the arrow keys, to read their numbers.</p>
<div id="plot" role="group" tabindex="0" aria-label="curves, frame by frame with the arrow keys">
{plot}
</div>
{tables}
{notes}
</main>
<script type="application/json" id="frames">{frames}</script>
<script>
const told = JSON.parse(document.getElementById("frames").textContent);
const plot = document.getElementById("plot"), reading = document.getElementById("reading");
const drawn = plot.querySelector("svg"), last = told.x.length - 1;
const mark = document.createElementNS(drawn.namespaceURI, "line");
mark.setAttribute("class", "mark");
mark.setAttribute("y1", {top});
mark.setAttribute("y2", drawn.viewBox.baseVal.height - {bottom});
drawn.append(mark);
let at = -1;
function read(frame) {{
  at = Math.min(Math.max(frame, 0), last);
  mark.setAttribute("x1", told.x[at]);
  mark.setAttribute("x2", told.x[at]);
  const say = told.names.map((name, k) => told.rows[at][k] === null ? null : name + " " + told.rows[at][k]);
  reading.textContent = told.when[at] + ": " + say.filter(word => word !== null).join(", ");
}}
plot.addEventListener("pointermove", event => {{
  const box = drawn.getBoundingClientRect(), x = (event.clientX - box.left) / box.width * {width};
  let low = 0, high = last;
  while (low < high) {{
    const middle = (low + high) >> 1;
    if (told.x[middle] < x) low = middle + 1; else high = middle;
  }}
  read(low > 0 && x - told.x[low - 1] < told.x[low] - x ? low - 1 : low);
}});
const keys = {{
  ArrowLeft: () => at - 1, ArrowRight: () => at + 1, PageUp: () => at - {leap}, PageDown: () => at + {leap},
  Home: () => 0, End: () => last,
}};
plot.addEventListener("keydown", event => {{
  if (!(event.key in keys) || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  read(keys[event.key]());
}});
</script>
</body>
</html>
"""


def html_curves(account: Account, title: str) -> str:
    """Return the page; it needs nothing from anywhere, and without JavaScript lacks only the numbers."""
    return _PAGE.format(
        title=escape(title),
        width=WIDTH,
        top=TOP,
        bottom=BOTTOM,
        leap=_LEAP,
        plot=svg_curves(account, title),
        tables="".join((*_odd_table(account), *_gap_table(account))),
        notes="".join(f"<p>{escape(note)}</p>" for note in account.notes),
        frames=_embedded(account),
    )


def _embedded(account: Account) -> str:
    time = time_of(account)
    told = {
        "names": ["slot", *(name.removesuffix("_ev").replace("_", " ") for name in _READ)],
        "x": [time.x(row.utc) for row in account.rows],
        "when": [f"{row.utc.astimezone(account.zone):%Y-%m-%d %H:%M:%S}" for row in account.rows],
        "rows": [[row.slot, *(_short(getattr(row, name)) for name in _READ)] for row in account.rows],
    }
    return json.dumps(told, separators=(",", ":")).replace("<", "\\u003c")


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _odd_table(account: Account) -> Iterable[str]:
    lines = [
        (
            str(row.slot),
            f"{row.utc.astimezone(account.zone):%Y-%m-%d %H:%M:%S}",
            row.excluded or account.sentences.get(row.slot, ""),
            row.remedy or "",
        )
        for row in account.rows
        if row.excluded or row.odd
    ]
    return _table("Odd frames", ("slot", "time", "what is the matter", "what is done"), lines)


def _gap_table(account: Account) -> Iterable[str]:
    lines = [
        (f"{gap.first} to {gap.last}", f"{gap.begin.astimezone(account.zone):%Y-%m-%d %H:%M:%S}", gap.reason)
        for gap in account.gaps
    ]
    return _table("Gaps", ("slots", "from", "reason"), lines)


def _table(caption: str, columns: Sequence[str], lines: Sequence[Sequence[str]]) -> Iterable[str]:
    if not lines:
        return
    yield f"<table><caption>{escape(caption)}</caption><thead><tr>"
    yield "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    yield "</tr></thead><tbody>"
    for cells in lines[:_MOST_NAMED]:
        yield "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
    yield "</tbody></table>"
    if len(lines) > _MOST_NAMED:
        yield f"<p>and {len(lines) - _MOST_NAMED} more; --json names them all</p>"
