"""Asks darktable's modules for the layout of their parameters, and for those they start from; a program of its own.

It loads the code of darktable into its process, which may crash it, so nothing else may run in it. `introspect.py`
starts it and reads the JSON that it prints::

    python introspect_probe.py layouts LIBDARKTABLE PLUGINS
    python introspect_probe.py defaults LIBDARKTABLE PLUGINS DATA HOME PICTURE…

Only the standard library is used. The structures are those of darktable's introspection.h,
DT_INTROSPECTION_VERSION 8.
"""

from __future__ import annotations

import ctypes
import json
import math
import os
import resource
import sys
from pathlib import Path
from typing import Any

__all__ = ["main"]

INTROSPECTION_VERSION = 8
ONE_INSTANCE = 1 << 7  # imageop.h; on 4.2.1 gamma, colorout, demosaic and temperature have it, exposure has not
_HEADER_BYTES = 64  # type, three names and a description, size, offset, the module
_NAME_BYTES = 20  # dt_dev_operation_t
_ROOM_BYTES = 1 << 20  # more than a dt_develop_t or a dt_film_t
_TUPLE_BYTES = 24  # of an enum's values: name, value, description

# In the order of `dt_introspection_type_t`, with the C type of a leaf's bounds.
_TYPES: tuple[tuple[str, Any], ...] = (
    ("none", None),
    ("opaque", None),
    ("float", ctypes.c_float),
    ("double", ctypes.c_double),
    ("complex", ctypes.c_float),
    ("char", ctypes.c_int8),
    ("int8", ctypes.c_int8),
    ("uint8", ctypes.c_uint8),
    ("short", ctypes.c_int16),
    ("ushort", ctypes.c_uint16),
    ("int", ctypes.c_int32),
    ("uint", ctypes.c_uint32),
    ("long", ctypes.c_long),
    ("ulong", ctypes.c_ulong),
    ("bool", ctypes.c_int32),
    ("array", None),
    ("enum", ctypes.c_int32),
    ("struct", None),
    ("union", None),
)
_EXTREMES = frozenset(
    float(value)
    for value in (
        *(ctypes.c_float(3.402823466e38 * sign).value for sign in (-1, 1)),
        *(sys.float_info.max * sign for sign in (-1, 1)),
        *(sign * 2**bits + least for bits in (7, 15, 31, 63) for sign, least in ((-1, 0), (1, -1))),
        *(2**bits - 1 for bits in (8, 16, 32, 64)),
    )
)
"""What a field without bounds of its own is given: the ends of its type."""


class _Introspection(ctypes.Structure):
    _fields_ = (
        ("api_version", ctypes.c_int),
        ("params_version", ctypes.c_int),
        ("type_name", ctypes.c_char_p),
        ("size", ctypes.c_size_t),
        ("field", ctypes.c_void_p),
        ("self_size", ctypes.c_size_t),  # of a module's own structure
        ("default_params", ctypes.c_size_t),  # where in it the pointer to its first parameters is
    )


class _Header(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("type_name", ctypes.c_char_p),
        ("name", ctypes.c_char_p),
        ("field_name", ctypes.c_char_p),
        ("description", ctypes.c_char_p),
        ("size", ctypes.c_size_t),
        ("offset", ctypes.c_size_t),
        ("module", ctypes.c_void_p),
    )


def main(question: str, library: str, plugins: str, *folders: str) -> None:
    """Print what the modules in the folder `plugins` say, as JSON."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash here is nobody's concern
    answers = os.dup(1)
    os.dup2(2, 1)  # whatever darktable's libraries print is no answer
    darktable = ctypes.CDLL(library, mode=ctypes.RTLD_GLOBAL)
    paths = sorted(Path(plugins).glob("lib*.so"))
    told = _layouts(darktable, paths) if question == "layouts" else _defaults(darktable, paths, *folders)
    with os.fdopen(answers, "w") as out:
        json.dump(told, out, separators=(",", ":"))
    os._exit(0)  # darktable's threads are not waited for


def _layouts(darktable: ctypes.CDLL, paths: list[Path]) -> dict[str, Any]:
    version = (ctypes.c_char * 64).in_dll(darktable, "darktable_package_version").value.decode()
    modules = [_module(path) for path in paths]
    told = {
        "darktable": version,
        "blending": darktable.dt_develop_blend_version(),
        "masks": darktable.dt_masks_version(),
    }
    return told | {"modules": [module for module in modules if module is not None]}


def _defaults(darktable: ctypes.CDLL, paths: list[Path], data: str, home: str, *pictures: str) -> dict[str, str]:
    """Start darktable without a window or a library, open pictures, and return the parameters modules begin with.

    A module that begins otherwise with another picture is left out.
    """
    _start(darktable, paths[0].parent.parent, data, home)
    known = {_operation(path): one for path in paths if (one := _introspection(path)) is not None}
    told = [_first_params(known, _instances(darktable, picture)) for picture in pictures]
    return {name: params for name, params in told[0].items() if all(params == other[name] for other in told[1:])}


def _start(darktable: ctypes.CDLL, modules: Path, data: str, home: str) -> None:
    """Tell `dt_init` what it would find out by itself if this were darktable-cli."""
    said = ["darktable-cli", "--library", ":memory:", "--configdir", f"{home}/config", "--cachedir", f"{home}/cache"]
    said += ["--tmpdir", home, "--moduledir", str(modules), "--datadir", data, "--disable-opencl", "-t", "1"]
    said += ["--conf", "write_sidecar_files=never", "--conf", "plugins/darkroom/workflow=none"]
    words = (ctypes.c_char_p * (len(said) + 1))(*(word.encode() for word in said), None)
    if darktable.dt_init(len(said), words, 0, 0, None):
        raise SystemExit("darktable does not start")


def _instances(darktable: ctypes.CDLL, picture: str) -> list[int]:
    """Open a picture as the darkroom does, and return where one new instance of each module is."""
    film = ctypes.create_string_buffer(_ROOM_BYTES)
    darktable.dt_film_init(film)
    roll = darktable.dt_film_new(film, str(Path(picture).parent).encode())
    image = darktable.dt_image_import(roll, picture.encode(), 1, 0)
    if image <= 0:
        raise SystemExit(f"darktable does not import {picture}")
    develop = ctypes.create_string_buffer(_ROOM_BYTES)
    darktable.dt_dev_init(develop, 0)
    darktable.dt_dev_load_image(develop, image)
    darktable.dt_iop_load_modules.restype = ctypes.c_void_p
    link, found = darktable.dt_iop_load_modules(develop), []
    while link:  # a GList: data, next, previous
        found.append(_whole(link))
        darktable.dt_iop_reload_defaults(ctypes.c_void_p(found[-1]))  # by the picture
        link = _whole(link + 8)
    return found


def _first_params(known: dict[str, _Introspection], instances: list[int]) -> dict[str, str]:
    """Return the first parameters of the modules, as hex.

    Their names lie somewhere in their structures: where all of them have the name of a module.
    """
    shortest = min(one.self_size for one in known.values())
    whole = [ctypes.string_at(instance, shortest) for instance in instances]
    for start in range(shortest - _NAME_BYTES):
        names = [one[start : start + _NAME_BYTES].split(b"\0")[0].decode("latin-1") for one in whole]
        if known.keys() <= set(names):
            break
    else:
        raise SystemExit("the modules of this darktable do not name themselves")
    found = {}
    for name, instance in zip(names, instances, strict=True):
        if name in known:
            params = _whole(instance + known[name].default_params)
            found[name] = ctypes.string_at(params, known[name].size).hex()
    return found


def _operation(path: Path) -> str:
    return path.name.removeprefix("lib").removesuffix(".so")


def _introspection(path: Path) -> _Introspection | None:
    """Return what a plug-in says of itself, or `None` where it has no parameters that it could tell of."""
    plugin = ctypes.CDLL(str(path))
    if not hasattr(plugin, "get_introspection"):
        return None
    plugin.get_introspection.restype = ctypes.POINTER(_Introspection)
    told: _Introspection = plugin.get_introspection().contents
    if told.api_version != INTROSPECTION_VERSION or plugin.introspection_init(None, told.api_version):
        raise SystemExit(f"{path.name} speaks version {told.api_version} of darktable's introspection")
    return told


def _module(path: Path) -> dict[str, Any] | None:
    told = _introspection(path)
    if told is None:
        return None
    plugin = ctypes.CDLL(str(path))
    flags = plugin.flags() if hasattr(plugin, "flags") else 0
    return {
        "operation": _operation(path),
        "version": plugin.dt_module_mod_version(),
        "size": told.size,
        "single": bool(flags & ONE_INSTANCE),
        "layout": _node(told.field, 0)["fields"],
    }


def _node(address: int, parent_offset: int) -> dict[str, Any]:
    """Return a field with everything below it; its offset counts from its parent's."""
    header = _Header.from_address(address)
    kind, ctype = _TYPES[header.type]
    inside = address + _HEADER_BYTES
    node: dict[str, Any] = {"name": (header.field_name or b"").decode(), "kind": kind}
    node |= {"offset": header.offset - parent_offset, "size": header.size}
    if kind in {"struct", "union"}:
        node["fields"] = [_node(field, header.offset) for field in _pointers(inside)]
    elif kind == "array":
        node["count"] = _whole(inside)
        node["element"] = _node(_whole(inside + 16), header.offset)
    elif kind == "enum":
        node["choices"] = _choices(inside)
        node["default"] = ctype.from_address(inside + 16).value
    elif kind == "bool":
        node["default"] = ctype.from_address(inside).value
    elif ctype is not None:
        node |= _bounds(ctype, inside, step=2 if kind == "complex" else 1)
    return node


def _whole(address: int) -> int:
    return ctypes.c_size_t.from_address(address).value


def _pointers(address: int) -> list[int]:
    """Return where the fields of a struct are: their number, then a pointer to pointers."""
    count, pointers = _whole(address), _whole(address + 8)
    return [_whole(pointers + 8 * index) for index in range(count)]


def _choices(address: int) -> list[tuple[str, int]]:
    """Return an enum's values, or none where it counts more than it lists (liquify 4.2.1 shares one list)."""
    count, tuples = _whole(address), _whole(address + 8)
    found = []
    for one in range(tuples, tuples + count * _TUPLE_BYTES, _TUPLE_BYTES):
        name = ctypes.c_char_p.from_address(one).value
        if name is None:
            break
        found.append((name.decode(), ctypes.c_int32.from_address(one + 8).value))
    return found if len(found) == count else []


def _bounds(ctype: Any, address: int, *, step: int) -> dict[str, float]:
    """Return least, greatest and default value as far as the module names them; `step` values make one bound."""
    size = ctypes.sizeof(ctype) * step
    values = [ctype.from_address(address + size * index).value for index in range(3)]
    named = dict(zip(("minimum", "maximum", "default"), values, strict=True))
    return {key: value for key, value in named.items() if key == "default" or _is_bound(value)}


def _is_bound(value: float) -> bool:
    return math.isfinite(value) and float(value) not in _EXTREMES


if __name__ == "__main__":
    main(*sys.argv[1:])
