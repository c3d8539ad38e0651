"""The tables and plots of the page, made of results."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.deflicker import dng
from benchmarks.deflicker.ffmpeg import MODES, holds
from benchmarks.deflicker.footage import OURS_BLIND
from benchmarks.deflicker.plots import BLUE, GREY, ORANGE, Dots, Panel, frame_plot, left_plot
from benchmarks.deflicker.rivals import NOTHING
from benchmarks.deflicker.tournament import ALSO, EXIF_ONLY, EXIF_TREND, OURS
from benchmarks.tables import Row, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.deflicker.dng import ThroughDarktable
    from benchmarks.deflicker.footage import Judged
    from benchmarks.deflicker.tournament import Result

__all__ = ["WANTED", "Figures", "darktable_table", "drawings", "footage_table", "losses", "tables"]

FFMPEG = "FFmpeg"
BEST_FFMPEG = "best FFmpeg"
_COLUMNS = (
    NOTHING,
    BEST_FFMPEG,
    "cyberang3l",
    "gamma mean",
    "gamma median",
    "linear mean",
    "linear median",
    "linear mean, robust trend",
    "simple-deflicker",
    EXIF_ONLY,
    EXIF_TREND,
    OURS,
)
_FIRST_SCENES = ("clouds", "shadows", "sunset", "sunset-exif", "sunset-blind", "passers", "clipped", "awb")
_PANEL_REACH_EV = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was set as a goal: at most so much flicker and lost light, at least so much likeness."""

    hf_mev: float = 6.0
    slow_mev: float = 20.0
    psnr_db: float = 44.0
    colour_mev: float | None = None


WANTED = {name: Wanted() for name in _FIRST_SCENES} | {
    "passers": Wanted(hf_mev=5.0),
    "clipped": Wanted(psnr_db=46.0),
    "awb": Wanted(colour_mev=5.0),
}


@dataclass(frozen=True, slots=True)
class Figures:
    """All results, to be asked by scene, method and figure."""

    results: Sequence[Result]

    @property
    def scenes(self) -> tuple[str, ...]:
        """Names of scenes, in the order they were run."""
        return tuple(dict.fromkeys(one.scene for one in self.results))

    def methods(self, scene: str) -> tuple[str, ...]:
        """Names of methods that ran on a scene."""
        return tuple(dict.fromkeys(one.method for one in self.results if one.scene == scene))

    def of(self, scene: str, method: str) -> list[Result]:
        """Return the results of a method on a scene, by seed."""
        return [one for one in self.results if one.scene == scene and one.method == method]

    def mean(self, scene: str, method: str, figure: str) -> float:
        """Return a figure's mean over seeds; NaN where the method did not run, or the figure says nothing there."""
        found = [value for one in self.of(scene, method) if np.isfinite(value := float(getattr(one, figure)))]
        return float(np.mean(found)) if found else float("nan")

    def rivals(self, scene: str) -> list[str]:
        """Return the methods that are neither ours nor doing nothing."""
        return [method for method in self.methods(scene) if method not in {NOTHING, *_ours(scene)}]

    def best_rival(self, scene: str, figure: str = "hf_mev", *, least: bool = True) -> str:
        """Return the rival whose figure is the best."""
        sign = 1 if least else -1
        return min(self.rivals(scene), key=lambda method: sign * self.mean(scene, method, figure))

    def best_ffmpeg(self, scene: str) -> str | None:
        """Return the mode and size of FFmpeg's filter that leaves least flicker."""
        modes = [method for method in self.methods(scene) if method.startswith(FFMPEG)]
        return min(modes, key=lambda method: self.mean(scene, method, "hf_mev"), default=None)


def _ours(scene: str) -> tuple[str, ...]:
    return (*ALSO.get(scene, ()), OURS)


def tables(figures: Figures) -> list[Table]:
    """Return the tables of the synthetic scenes."""
    return [
        _verdicts(figures),
        _by_method(figures, "hf_mev", "What still flickers (mEV, less is better)", _FLICKERS, digits=1),
        _by_method(figures, "slow_mev", "What was lost or put in of slow light (mEV, less is better)", _SLOW, digits=0),
        _by_method(figures, "psnr_db", "Likeness to the truth (PSNR in dB, more is better)", _LIKE, digits=1),
        _by_method(figures, "worst_mev", "The frame that sticks out most (mEV, less is better)", "", digits=0),
        _by_method(figures, "colour_mev", "Flicker of colour (mEV, less is better)", _COLOUR, digits=1),
        _others(figures),
        *_ffmpeg_tables(figures),
    ]


_FLICKERS = (
    "Deviation of the effective gain of frames from its own Gaussian mean over 6 frames; the gain of a frame is the "
    "median over its pixels of log2 of what is shown to the truth. “best FFmpeg” is the mode that does best on that "
    "scene, chosen after the fact; the last table has all modes. 1 mEV is 0.07 % of light. –: not to be had."
)
_SLOW = (
    "RMS of that Gaussian mean, after a constant: light that was taken away or invented. A method that does nothing "
    "keeps all of it but the slow part of the flicker itself, which no method can tell from light."
)
_LIKE = (
    "Of sRGB codes to the truth without noise, after a constant gain. The sensor's noise is in all of them, so that "
    "even perfect gains come to a finite figure."
)
_COLOUR = "As the first table, of log2 of R/G and B/G, RMS of both."
_VERDICTS = (
    "Goals of the first scenes: flicker ≤ 6 mEV (passers ≤ 5), slow light ≤ 20 mEV, PSNR ≥ 44 dB (clipped ≥ 46), "
    "colour ≤ 5 mEV for white balance that jumps. Of the others: the best of all, or within 10 % of it. The best "
    "other method is picked for each scene after the fact, which no user could do. VMAF: first seed only."
)
_OTHERS = (
    "Of nothing, of the method that leaves least flicker besides ours, and of ours. Steps: deviation of the "
    "difference between one frame and the next. Clipped: flicker inside what is white in every frame, where any gain "
    "below 1 shows. Uneven: flicker of 6 × 4 tiles against the whole, of scenes that flicker unevenly. mEV; SSIM of "
    "luma."
)
_MODES = (
    "What still flickers (mEV). `median` is none: it compares addresses, not values, and takes the frame "
    "in the middle as it comes."
)


def _by_method(figures: Figures, figure: str, title: str, note: str, *, digits: int) -> Table:
    rows = []
    for scene in figures.scenes:
        values = [_value(figures, scene, column, figure) for column in _COLUMNS]
        finite = [value for value in values if np.isfinite(value)]
        best = (max if figure == "psnr_db" else min)(finite)
        rows.append(Row((scene, *(_cell(value, best, digits) for value in values))))
    return Table(title=title, columns=("scene", *_COLUMNS), rows=tuple(rows), note=note)


def _value(figures: Figures, scene: str, column: str, figure: str) -> float:
    if column != BEST_FFMPEG:
        return figures.mean(scene, column, figure)
    mode = figures.best_ffmpeg(scene)
    return figures.mean(scene, mode, figure) if mode else float("nan")


def _cell(value: float, best: float, digits: int) -> str:
    if not np.isfinite(value):
        return "–"
    said = f"{value:.{digits}f}"
    return f"**{said}**" if said == f"{best:.{digits}f}" else said


def _verdicts(figures: Figures) -> Table:
    rows = []
    for scene in figures.scenes:
        rival = figures.best_rival(scene)
        for method in reversed(_ours(scene)):
            ours = [one.hf_mev for one in figures.of(scene, method)]
            vmaf = " / ".join(_number(_vmaf(figures, scene, shown), 1) for shown in (NOTHING, rival, method))
            cells = (
                scene + method.removeprefix(OURS),
                f"{figures.mean(scene, NOTHING, 'hf_mev'):.1f}",
                f"{figures.mean(scene, rival, 'hf_mev'):.1f} ({rival})",
                f"{np.mean(ours):.1f} (worst seed {max(ours):.1f})",
                _reached(figures, scene, WANTED[scene]) if scene in WANTED else _place(figures, scene, method),
                vmaf,
            )
            rows.append(Row(cells))
    columns = (
        "scene",
        "doing nothing, mEV",
        "best other method, mEV",
        "dayspool, mEV",
        "goal",
        "VMAF: nothing / best other / dayspool",
    )
    note = _VERDICTS
    return Table(title="In short", columns=columns, rows=tuple(rows), note=note)


def _reached(figures: Figures, scene: str, wanted: Wanted) -> str:
    """Return what of a goal is missed, by the worst seed."""
    runs = figures.of(scene, OURS)
    missed = [
        said
        for said, amiss in (
            (f"flicker {max(r.hf_mev for r in runs):.1f} mEV", max(r.hf_mev for r in runs) > wanted.hf_mev),
            (f"slow light {max(r.slow_mev for r in runs):.0f} mEV", max(r.slow_mev for r in runs) > wanted.slow_mev),
            (f"PSNR {min(r.psnr_db for r in runs):.1f} dB", min(r.psnr_db for r in runs) < wanted.psnr_db),
            (
                f"colour {max(r.colour_mev for r in runs):.1f} mEV",
                wanted.colour_mev is not None and max(r.colour_mev for r in runs) > wanted.colour_mev,
            ),
        )
        if amiss
    ]
    return "reached" if not missed else f"missed: {', '.join(missed)}"


def _place(figures: Figures, scene: str, method: str) -> str:
    ours = figures.mean(scene, method, "hf_mev")
    others = {other: figures.mean(scene, other, "hf_mev") for other in (NOTHING, *figures.rivals(scene))}
    best = min(others, key=lambda other: others[other])
    if ours <= others[best]:
        return "best of all"
    share = ours / others[best] - 1
    return f"within {100 * share:.0f} % of {best}" if share <= 0.1 else f"missed: {best} leaves {others[best]:.1f}"


def _vmaf(figures: Figures, scene: str, method: str) -> float:
    """Return the VMAF where it was taken; of the best other method with the first seed, if it is another one."""
    found = [one.vmaf for one in figures.of(scene, method) if np.isfinite(one.vmaf)]
    if not found and method not in {NOTHING, *_ours(scene)}:
        found = [
            one.vmaf
            for one in figures.results
            if one.scene == scene and one.method in figures.rivals(scene) and np.isfinite(one.vmaf)
        ]
    return found[0] if found else float("nan")


def _number(value: float, digits: int) -> str:
    return f"{value:.{digits}f}" if np.isfinite(value) else "–"


def _others(figures: Figures) -> Table:
    rows = []
    for scene in figures.scenes:
        for method in (NOTHING, figures.best_rival(scene), *_ours(scene)):
            figure = partial(figures.mean, scene, method)
            cells = (_number(figure(name), 1) for name in ("step_mev", "clipped_mev", "uneven_mev"))
            rows.append(Row((scene, method, *cells, _number(figure("ssim"), 4))))
    note = _OTHERS
    columns = ("scene", "method", "steps", "clipped", "uneven", "SSIM")
    return Table(title="Other figures", columns=columns, rows=tuple(rows), note=note)


def _ffmpeg_tables(figures: Figures) -> list[Table]:
    """Return what there is to say of the filter's modes; nothing where there was no such FFmpeg."""
    names = {one.method for one in figures.results if one.method.startswith(FFMPEG)}
    modes = sorted(names, key=lambda method: (int(method.split()[-1]), method))
    return [_modes(figures, modes), _grey_table()] if modes else []


def _modes(figures: Figures, modes: Sequence[str]) -> Table:
    rows = []
    for scene in figures.scenes:
        values = [figures.mean(scene, mode, "hf_mev") for mode in modes]
        rows.append(Row((scene, *(_number(value, 0) for value in values))))
    note = _MODES
    columns = ("scene", *(mode.removeprefix("FFmpeg ") for mode in modes))
    return Table(title="FFmpeg's deflicker, all modes", columns=columns, rows=tuple(rows), note=note)


def _grey_table() -> Table:
    """Ask FFmpeg which of its modes leave frames of one constant grey alone, as any mean should."""
    sizes = (5, 15, 17, 18, 31, 63, 129)
    rows = [Row((mode, *("yes" if holds(mode=mode, size=size) else "**no**" for size in sizes))) for mode in MODES]
    note = "Frames of grey 150, 8 bits; by window. Products and powers overflow or vanish in floats of 32 bits."
    columns = ("mode", *map(str, sizes))
    return Table(
        title="FFmpeg's deflicker on frames that do not flicker at all", columns=columns, rows=tuple(rows), note=note
    )


def losses(figures: Figures) -> list[str]:
    """Return a sentence for every scene on which another method is better than ours: flicker, likeness, VMAF."""
    said = []
    for scene in figures.scenes:
        for figure, sign, unit in (("hf_mev", 1, "mEV of flicker"), ("psnr_db", -1, "dB of likeness")):
            others = {one: figures.mean(scene, one, figure) for one in (NOTHING, *figures.rivals(scene))}
            best = min(others, key=lambda one: sign * others[one])
            ours = figures.mean(scene, OURS, figure)
            if sign * others[best] < sign * ours:
                said.append(f"**{scene}**: {best} has {others[best]:.1f} {unit}, dayspool {ours:.1f}")
        rival = figures.best_rival(scene)
        theirs, ours = _vmaf(figures, scene, rival), _vmaf(figures, scene, OURS)
        if theirs > ours:
            said.append(f"**{scene}**: {rival} has a VMAF of {theirs:.1f}, dayspool {ours:.1f}")
    return said


def darktable_table(runs: Sequence[ThroughDarktable]) -> Table:
    """Return the table of RAW files through darktable."""
    rows = []
    for run in runs:
        for name, score in (("as it is", run.as_it_is), ("automatic exposure", run.automatic), (OURS, run.ours)):
            cells = (f"{score.hf_mev:.1f}", f"{score.step_mev:.1f}", f"{score.slow_mev:.0f}", f"{score.worst_mev:.0f}")
            rows.append(Row((run.scene, name, *cells)))
    note = (
        f"Of what the real darktable made of mosaic DNGs ({dng.FRAMES} frames of {dng.SIZE[0]}×{dng.SIZE[1]}, seed "
        f"{dng.SEED}), in mEV, as above; measured and graded as a render does. Its automatic exposure brings every "
        "frame to one level, whatever the light did, and takes whatever passes for light."
    )
    columns = ("scene", "exposure module", "flicker", "steps", "slow light", "worst frame")
    return Table(title="RAW files through darktable", columns=columns, rows=tuple(rows), note=note)


def footage_table(judged: dict[str, Judged]) -> Table:
    """Return the table of the real footage."""
    kept = [name for name in judged if not name.startswith(FFMPEG) or name in {"FFmpeg am 5", "FFmpeg am 15"}]
    rows = [
        Row(
            (
                name,
                f"{judged[name].fast_mev:.1f}",
                f"{judged[name].worst_mev:.1f}",
                f"{judged[name].step_mev:.1f}",
                f"{judged[name].slow_mev:.0f}",
                f"{judged[name].colour_mev:.1f}",
            )
        )
        for name in kept
    ]
    columns = ("method", "flicker, median patch", "worst patch", "steps", "slow light", "colour")
    return Table(title="The wall behind a melting ice cube", columns=columns, rows=tuple(rows), note="All in mEV.")


def drawings(figures: Figures, judged: dict[str, Judged]) -> dict[str, str]:
    """Return the plots as SVG, by file name."""
    dots = [
        Dots(
            title=scene,
            nothing=figures.mean(scene, NOTHING, "hf_mev"),
            rivals=tuple(figures.mean(scene, rival, "hf_mev") for rival in figures.rivals(scene)),
            ours=figures.mean(scene, OURS, "hf_mev"),
        )
        for scene in figures.scenes
    ]
    panels = [_panel(figures, scene) for scene in figures.scenes]
    colours = "grey: as shot, orange: the best other method, blue: dayspool"
    made = {
        "deflicker-left.svg": left_plot(
            "What is left of the flicker", "grey: as shot, orange rings: other methods, blue: dayspool", dots
        ),
        "deflicker-frames.svg": frame_plot("What is left, frame by frame", colours, panels),
    }
    if judged:
        made["deflicker-footage.svg"] = _footage_drawing(judged)
    return made


def _panel(figures: Figures, scene: str) -> Panel:
    rival = figures.best_rival(scene)
    lines = []
    for method, colour in ((NOTHING, GREY), (rival, ORANGE), (OURS, BLUE)):
        lines.append((method, colour, figures.of(scene, method)[0].gain_ev))
    title = f"{scene} (orange: {rival})"
    return Panel(title=title, lines=tuple(lines), reach_ev=_PANEL_REACH_EV)


def _footage_drawing(judged: dict[str, Judged]) -> str:
    others = [name for name in judged if name not in {NOTHING, OURS, OURS_BLIND}]
    best = min(others, key=lambda name: judged[name].fast_mev)
    shown = ((NOTHING, GREY), (best, ORANGE), (OURS, BLUE))
    lines = tuple((name, colour, tuple(judged[name].light_ev.tolist())) for name, colour in shown)
    reach = float(np.ceil(10 * max(np.abs(values).max() for _, _, values in lines)) / 10)
    note = f"grey: as shot, orange: {best}, blue: dayspool; light of the wall, in EV against its mean"
    return frame_plot("A real wall", note, [Panel(title="one frame a minute", lines=lines, reach_ev=reach)])
