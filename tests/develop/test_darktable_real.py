"""The installed darktable, asked to develop real files."""

from __future__ import annotations

import hashlib
import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dayspool.develop import DarktableDeveloper, DevelopJob, Plate
from dayspool.errors import FrameError, FrameMissing, FrameUnreadable

pytestmark = pytest.mark.tools

ORIENTATION = 0x0112


@pytest.fixture(scope="module")
def developer() -> DarktableDeveloper:
    developer = DarktableDeveloper()
    info = developer.probe()
    assert info.ok, info.detail
    return developer


def jobs(paths: list[Path], width: int = 4000, height: int = 4000) -> list[DevelopJob]:
    return [DevelopJob(path=path, width=width, height=height) for path in paths]


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    """Peak signal to noise in dB of a 16-bit plate against 8-bit pixels."""
    return float(10 * np.log10(255**2 / np.mean((one / 257 - other.astype(float)) ** 2)))


def test_probe_knows_its_version(developer):
    assert developer.probe().version[0].isdigit()


def test_an_untouched_jpeg_comes_back_as_it_is_and_scaled_as_lanczos_does(developer, tmp_path, picture):
    path = tmp_path / "frame.jpg"
    picture(600, 400).save(path, quality=95)
    source = Image.open(path).convert("RGB")
    same, smaller = developer.develop([*jobs([path]), *jobs([path], 240, 135)])
    assert same.rgb.dtype == np.uint16
    assert psnr(same.rgb, np.asarray(source)) > 80
    assert (smaller.width, smaller.height) == (240, 160)
    assert psnr(smaller.rgb, np.asarray(source.resize((240, 160), Image.Resampling.LANCZOS))) > 46


def test_names_do_not_matter_and_nothing_beside_the_originals_changes(developer, awkward):
    folder = awkward[0].parent
    before = {path: hashlib.sha256(path.read_bytes()).digest() for path in folder.iterdir()}
    plates = list(developer.develop(jobs(awkward)))
    assert [plate.width for plate in plates] == [120, 122, 124, 126, 128, 130]
    assert {path: hashlib.sha256(path.read_bytes()).digest() for path in folder.iterdir()} == before


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_stands_upright(developer, tmp_path, picture, orientation):
    undo = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
    upright = picture(300, 200)
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    upright.transpose(undo[orientation]).save(tmp_path / "turned.jpg", quality=95, exif=exif)
    (plate,) = developer.develop(jobs([tmp_path / "turned.jpg"]))
    assert abs(plate.width - 300) <= 2
    reference = upright.resize((plate.width, plate.height), Image.Resampling.BICUBIC)
    assert psnr(plate.rgb, np.asarray(reference)) > 36  # darktable shifts a turned picture by half a pixel


def test_broken_frames_cost_only_themselves(developer, tmp_path, picture):
    whole, cut, empty = tmp_path / "whole.jpg", tmp_path / "cut.jpg", tmp_path / "empty.jpg"
    picture(300, 200).save(whole, quality=95)
    cut.write_bytes(whole.read_bytes()[:-3000])
    empty.touch()
    text, raw = tmp_path / "text.png", tmp_path / "junk.ARW"
    text.write_text("no picture")
    raw.write_bytes(b"II*\0" + bytes(range(256)) * 40)
    other = tmp_path / "other.png"
    picture(200, 300).save(other)
    paths = [whole, cut, empty, text, raw, tmp_path / "gone.jpg", other]
    results = list(developer.develop(jobs(paths, 90, 50)))
    kinds = [type(result) for result in results]
    assert kinds == [Plate, *[FrameUnreadable] * 4, FrameMissing, Plate]
    assert [(results[0].width, results[0].height), (results[6].width, results[6].height)] == [(90, 60), (90, 135)]
    assert "TIFF" in str(results[4])  # darktable's own reason is passed on
    for path, result in zip(paths, results, strict=True):
        assert isinstance(result, Plate) or (isinstance(result, FrameError) and str(path) in str(result))


def test_a_sidecar_is_obeyed_for_its_frame_alone(developer, tmp_path):
    plain, brighter = tmp_path / "plain.jpg", tmp_path / "brighter.jpg"
    for path in (plain, brighter):
        Image.new("RGB", (192, 128), (90, 90, 90)).save(path, quality=95)
    (tmp_path / "brighter.jpg.xmp").write_text(exposure_sidecar(1.0))
    as_it_was, one_stop_up = (linear_mean(plate) for plate in developer.develop(jobs([plain, brighter], 96, 54)))
    assert np.log2(one_stop_up / as_it_was) == pytest.approx(1.0, abs=0.01)


def test_several_workers_at_once(developer, tmp_path, picture):
    paths = [tmp_path / f"{number}.jpg" for number in range(6)]
    for number, path in enumerate(paths):
        picture(100 + 2 * number, 80).save(path)
    with ThreadPoolExecutor(3) as pool:
        chunks = pool.map(lambda chunk: list(developer.develop(jobs(chunk))), [paths[:2], paths[2:4], paths[4:]])
        assert [plate.width for chunk in chunks for plate in chunk] == [100, 102, 104, 106, 108, 110]


def linear_mean(plate: Plate) -> float:
    """Mean in linear light (IEC 61966-2-1)."""
    code = plate.rgb / 65535
    return float(np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4).mean())


def exposure_sidecar(ev: float) -> str:
    """A sidecar with the exposure module alone: version 5 of its parameters, and the module order for JPEGs (3)."""
    parameters = struct.pack("<iffff", 0, 0.0, ev, 50.0, -4.0).hex()
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:darktable="http://darktable.sf.net/"
    darktable:xmp_version="5" darktable:raw_params="0" darktable:auto_presets_applied="1"
    darktable:history_end="1" darktable:iop_order_version="3">
   <darktable:history>
    <rdf:Seq>
     <rdf:li darktable:num="0" darktable:operation="exposure" darktable:enabled="1" darktable:modversion="5"
       darktable:params="{parameters}" darktable:multi_name="" darktable:multi_priority="0"/>
    </rdf:Seq>
   </darktable:history>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
"""
