"""Has darktable itself switch on one module after the other, each with what it starts from, and write the sidecars.

A program of its own, because it loads darktable's code, as `dayspool.develop.introspect_probe` does; but it reads no
parameters: they go from darktable's module by darktable's history into darktable's sidecar::

    python darktable_writes.py LIBDARKTABLE DATA HOME PICTURE MODULE [PICTURE MODULE …]

writes PICTURE.xmp beside every picture, in which MODULE is on. Made for darktable 4.2.1.
"""

import ctypes
import os
import sys
from itertools import islice
from pathlib import Path

NAME_OFFSET = 488  # of a module's name in its structure (4.2.1)
NAME_BYTES = 20
ROOM_BYTES = 1 << 20


def main(library: str, data: str, home: str, *wanted: str) -> None:
    os.dup2(2, 1)
    darktable = ctypes.CDLL(library, mode=ctypes.RTLD_GLOBAL)
    said = ["darktable-cli", "--library", ":memory:", "--configdir", f"{home}/config", "--cachedir", f"{home}/cache"]
    said += ["--tmpdir", home, "--moduledir", str(Path(library).parent), "--datadir", data, "--disable-opencl"]
    said += ["-t", "1", "--conf", "plugins/darkroom/workflow=none", "--conf", "write_sidecar_files=on import"]
    words = (ctypes.c_char_p * (len(said) + 1))(*(word.encode() for word in said), None)
    assert darktable.dt_init(len(said), words, 0, 0, None) == 0
    film = ctypes.create_string_buffer(ROOM_BYTES)
    darktable.dt_film_init(film)
    roll = darktable.dt_film_new(film, str(Path(wanted[0]).parent).encode())
    for picture, module in zip(wanted[::2], wanted[1::2], strict=True):
        image = darktable.dt_image_import(roll, picture.encode(), 1, 0)
        assert image > 0, picture
        develop = ctypes.create_string_buffer(ROOM_BYTES)
        darktable.dt_dev_init(develop, 0)
        darktable.dt_dev_load_image(develop, image)
        instance = dict(pipe(develop))[module]
        darktable.dt_dev_add_history_item_ext(develop, ctypes.c_void_p(instance), 1, 1)
        darktable.dt_dev_write_history_ext(develop, image)
        darktable.dt_image_write_sidecar_file(image)
    os._exit(0)


def pipe(develop):
    """Yield name and place of the modules of an opened picture: the longest list in its structure that holds such."""
    heap = list(writable())
    start = ctypes.addressof(develop)
    lists = [links(whole(start + offset), heap) for offset in range(0, 4096, 8)]
    for instance in max(lists, key=len):
        yield name_of(instance), instance


def links(link, heap):
    found = []
    while link and inside(link, 24, heap) and inside(whole(link), 1152, heap) and len(found) < 200:
        if not name_of(whole(link)).replace("_", "").isalnum():
            return []
        found.append(whole(link))
        link = whole(link + 8)
    return found


def name_of(instance):
    return ctypes.string_at(instance + NAME_OFFSET, NAME_BYTES).split(b"\0")[0].decode("latin-1")


def writable():
    for line in Path("/proc/self/maps").read_text().splitlines():
        place, mode = islice(line.split(), 2)
        if mode.startswith("rw"):
            yield tuple(int(part, 16) for part in place.split("-"))


def inside(address, size, heap):
    return address % 8 == 0 and any(low <= address and address + size <= high for low, high in heap)


def whole(address):
    return ctypes.c_size_t.from_address(address).value


if __name__ == "__main__":
    main(*sys.argv[1:])
