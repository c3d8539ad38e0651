"""What is known of every model, as data; see `model` for what the columns mean.

A model without a row works by its generation; rows only add what was seen, coded, told or inferred of that body. The
facts were gathered from the public work of others, each row naming its source: timelapse-sony (its device list, README
and issues), Bloodevil/sony_camera_api (recorded lists), rocc, kz-remote-api, kota's sony_camera_remote_api, sonnylink,
sonycam, nerab/sony-camera-remote, xaldew/Sony-camera-server, hx50ripper, hydra, node-sonycam, ImagingEdge4Linux.
"""

from __future__ import annotations

import re
from dataclasses import replace

from dayspool.camera.model import Evidence, Model, Originals
from dayspool.core.camera import Dialect

__all__ = ["MODELS", "model_named"]

_R, _C, _T, _I = Evidence.RECORDED, Evidence.CODED, Evidence.TOLD, Evidence.INFERRED
_POSTVIEW, _CONTENTS, _SEND = Originals.POSTVIEW, Originals.CONTENTS, Originals.SEND
_LIST = "timelapse-sony device list"
_DUMP = "Bloodevil/sony_camera_api dump"
_ROCC = "rocc model table"
_TRANSFER_LIST = "ImagingEdge4Linux README"

_LEGACY = "http://10.0.0.1:10000/camera"
_OLD_BUILTIN = "http://10.0.0.1:10000/sony/camera"
_BUILTIN = "http://192.168.122.1:10000/sony/camera"
_APP = "http://192.168.122.1:8080/sony/camera"

_APP_QUIRK = (
    "Start its app Smart Remote Control (PlayMemories Camera Apps) first; old versions of the app offer little."
)
_AF_QUIRK = "Takes no picture in AF without a half-press; manual focus is surer, above all at night."
_CAMCORDER_QUIRK = "Begins in movie mode; still mode has to be set first."
_BURST_QUIRK = "Calls in fast succession hung an AS50 until its battery was pulled."
_PTP_QUIRK = "Speaks PTP/IP (port 15740) instead of the Camera Remote API; dayspool cannot release its shutter."


# What the bodies of one kind have in common; each row replaces what is its own.
_LEGACY_BODY = Model(name="", dialect=Dialect.LEGACY, endpoint=_LEGACY, evidence=(_C, _T), source=_LIST)
_OLD_BODY = Model(name="", dialect=Dialect.BUILTIN_1, endpoint=_OLD_BUILTIN, evidence=(_T,), source=_LIST)
_APP_BODY = Model(
    name="",
    dialect=Dialect.APP,
    endpoint=_APP,
    needs_rec_mode=True,
    quirks=(_APP_QUIRK,),
    evidence=(_T,),
    source=_LIST,
)
_APP_BUILT_IN = Model(name="", dialect=Dialect.APP, endpoint=_APP, evidence=(_T,), source=_LIST)
_LATE_BODY = Model(
    name="",
    dialect=Dialect.BUILTIN_3,
    endpoint=_BUILTIN,
    half_press=True,
    quirks=(_AF_QUIRK,),
    evidence=(_C, _T),
    source=f"{_LIST}; {_ROCC}",
)
_ACTION_CAM = Model(
    name="",
    dialect=Dialect.BUILTIN_3,
    endpoint=_BUILTIN,
    sets_exposure=False,
    originals=(_CONTENTS,),
    quirks=(_BURST_QUIRK,),
    evidence=(_I,),
    source=_ROCC,
)
_PTP_BODY = Model(
    name="",
    dialect=None,
    endpoint=None,
    quirks=(_PTP_QUIRK,),
    evidence=(_T,),
    source="rocc issue 1; Bloodevil issue 76",
)
_PTP_SENDER = replace(
    _PTP_BODY,
    originals=(_SEND,),
    quirks=(_PTP_QUIRK, "“Send to Smartphone” still works."),
    source=f"rocc issue 1; {_TRANSFER_LIST}",
)

MODELS = (
    # --- legacy: 2013, /camera ---
    replace(
        _LEGACY_BODY,
        name="DSC-RX100M2",
        shortest_interval_seconds=5.0,
        sets_exposure=False,
        originals=(_SEND,),
        quirks=(
            "Discovery leads to /sony/camera, which answers 404; its service is /camera.",
            "Remote mode forces automatic exposure.",
            "Liveview ends with each shot.",
            "May stay busy for more than a minute.",
        ),
        evidence=(_R, _C, _T),
        source="timelapse-sony README and issues 7, 29; rocc issue 21; parasquid/RX100M2",
    ),
    replace(_LEGACY_BODY, name="DSC-HX50", source=f"{_LIST}; hydra; rocc groups it with the RX100M2"),
    replace(_LEGACY_BODY, name="DSC-HX50V", source=f"{_LIST}; hx50ripper; rocc groups it with the RX100M2"),
    replace(
        _LEGACY_BODY,
        name="DSC-WX80",
        quirks=("Discovery computes /sony/camera here too; both addresses were reported to work.",),
        evidence=(_T,),
        source=f"{_LIST}; timelapse-sony pull request 46",
    ),
    # --- built in, 2013-14 ---
    replace(_OLD_BODY, name="DSC-WX220"),
    replace(_OLD_BODY, name="DSC-WX300", originals=(_SEND,), source=f"{_LIST}; ImagingEdge4Linux issue 8"),
    replace(
        _OLD_BODY,
        name="DSC-WX350",
        sets_exposure=False,
        quirks=("Flash methods answer 403 without a developer key.",),
        evidence=(_R, _T),
        source=f"{_LIST}; {_DUMP}",
    ),
    replace(
        _OLD_BODY,
        name="DSC-QX10",
        sets_exposure=True,
        originals=(_POSTVIEW, _CONTENTS),
        quirks=("The camera function, and so its card, is behind a developer key (403).",),
        evidence=(_R, _T),
        source=f"{_LIST}; {_DUMP}; Bloodevil issue 9",
    ),
    replace(
        _OLD_BODY,
        name="DSC-QX100",
        sets_exposure=True,
        originals=(_POSTVIEW, _CONTENTS),
        quirks=("The camera function, and so its card, is behind a developer key (403).",),
        evidence=(_R, _T),
        source=f"{_LIST}; sonycam",
    ),
    replace(
        _OLD_BODY,
        name="DSC-RX10",
        sets_exposure=False,
        quirks=("Exposure set on the body is not honoured.",),
        source=f"{_LIST}; timelapse-sony issue 7",
    ),
    replace(
        _OLD_BODY,
        name="HDR-AS15",
        sets_exposure=False,
        quirks=(
            "Takes no single stills over Wi-Fi: movie and its own intervalstill only, no actTakePicture.",
            "Some methods are behind a developer key (403).",
        ),
        evidence=(_R,),
        source=_DUMP,
    ),
    replace(
        _OLD_BODY,
        name="HDR-AS30V",
        shortest_interval_seconds=2.0,
        sets_exposure=False,
        quirks=("Begins in movie mode.", "Some methods are behind a developer key (403)."),
        evidence=(_R, _C),
        source=f"{_DUMP}; nerab/sony-camera-remote",
    ),
    replace(_OLD_BODY, name="HDR-PJ530", quirks=(_CAMCORDER_QUIRK,), source=f"{_LIST}; timelapse-sony issue 12"),
    replace(
        _OLD_BODY,
        name="FDR-AX100",
        quirks=(_CAMCORDER_QUIRK, "Errors while capturing were reported of the AX100E."),
        source=f"{_LIST}; timelapse-sony issues 12, 30",
    ),
    replace(
        _OLD_BODY,
        name="HDR-AS20",
        endpoint=_BUILTIN,
        sets_exposure=False,
        quirks=("Begins in movie mode.",),
        evidence=(_R, _T),
        source=f"{_LIST}; search replies on a forum (canberramaker, topic 659)",
    ),
    replace(
        _OLD_BODY,
        name="HDR-AS100V",
        endpoint=_BUILTIN,
        sets_exposure=False,
        originals=(_CONTENTS,),
        quirks=("Begins in movie mode.", "Can join a network (Multi Wi-Fi); its card cannot be read over Wi-Fi there."),
        evidence=(_R, _T),
        source=f"{_LIST}; {_DUMP}",
    ),
    # --- app: remote control downloaded, or built in beside it ---
    replace(
        _APP_BODY,
        name="NEX-5R",
        sets_exposure=True,
        quirks=(_APP_QUIRK, "Shutter and aperture can only be read."),
        evidence=(_R, _T),
        source=f"{_LIST}; timelapse-sony issues 2, 17, 25",
    ),
    replace(_APP_BODY, name="NEX-5T", source=f"{_LIST}; timelapse-sony issues 2, 17, 25"),
    replace(_APP_BODY, name="NEX-6", evidence=(_R, _T), source=f"{_LIST}; Bloodevil issue 59"),
    replace(
        _APP_BODY,
        name="ILCE-5000",
        sets_exposure=True,
        originals=(_POSTVIEW,),
        evidence=(_R, _T),
        source=f"{_LIST}; {_DUMP}",
    ),
    replace(_APP_BODY, name="ILCE-5100"),
    replace(
        _APP_BODY,
        name="ILCE-6000",
        quirks=(_APP_QUIRK, "The embedded version offers 22 methods, the updated app about 65."),
        evidence=(_R, _C, _T),
        source=f"{_LIST}; gst-plugins-sonyalpha; libsonyapi",
    ),
    replace(
        _APP_BODY,
        name="ILCE-6300",
        shortest_interval_seconds=3.5,
        originals=(_SEND,),
        quirks=(
            _APP_QUIRK,
            "Lists actTakePicture and setExposureCompensation only while liveview runs.",
            "Answers HTTP 500 to movie mode.",
            "About 2.5 s per shot and 1 s per picture.",
        ),
        evidence=(_R, _T),
        source=f"{_LIST}; sonnylink, measured; {_TRANSFER_LIST}",
    ),
    replace(_APP_BODY, name="ILCE-6500"),
    replace(_APP_BODY, name="ILCE-7"),
    replace(
        _APP_BODY,
        name="ILCE-7R",
        sets_exposure=True,
        originals=(_POSTVIEW,),
        evidence=(_R, _T),
        source=f"{_LIST}; {_DUMP}",
    ),
    replace(_APP_BODY, name="ILCE-7RM2", originals=(_CONTENTS,), evidence=(_R, _T), source=f"{_LIST}; {_ROCC}"),
    replace(_APP_BODY, name="ILCE-7S", originals=(_SEND,), evidence=(_I,), source=f"{_ROCC}; {_TRANSFER_LIST}"),
    replace(_APP_BODY, name="ILCE-7M2", originals=(_CONTENTS,), evidence=(_I,), source=_ROCC),
    replace(_APP_BODY, name="ILCE-7SM2", originals=(_CONTENTS,), evidence=(_I,), source=_ROCC),
    replace(_APP_BODY, name="DSC-RX100M3", originals=(_SEND,), source=f"{_LIST}; {_TRANSFER_LIST}"),
    replace(_APP_BODY, name="DSC-RX100M4", originals=(_CONTENTS,), source=f"{_LIST}; kota; {_ROCC}"),
    replace(
        _APP_BODY,
        name="DSC-RX100M5",
        half_press=True,
        originals=(_CONTENTS,),
        quirks=(_APP_QUIRK, _AF_QUIRK),
        evidence=(_C, _I),
        source=_ROCC,
    ),
    replace(_APP_BODY, name="DSC-RX10M2"),
    replace(_APP_BODY, name="DSC-RX10M3", evidence=(_I,), source=_ROCC),
    replace(
        _APP_BUILT_IN,
        name="DSC-HX60",
        needs_rec_mode=True,
        sets_exposure=True,
        originals=(_POSTVIEW,),
        quirks=("Fails in every position of the mode dial but M.", "No BULB."),
        source=f"{_LIST}; timelapse-sony issue 48",
    ),
    replace(
        _APP_BUILT_IN,
        name="DSC-HX60V",
        needs_rec_mode=True,
        sets_exposure=True,
        originals=(_POSTVIEW,),
        quirks=("Fails in every position of the mode dial but M.", "Liveview is unstable.", "No BULB."),
        evidence=(_R, _T),
        source=f"{_LIST}; {_DUMP}; timelapse-sony issues 18, 48",
    ),
    replace(  # startRecMode is inferred: the recorded list of the DSC-HX60V, of the same year, has it
        _APP_BUILT_IN, name="DSC-HX400V", needs_rec_mode=True, evidence=(_R, _T), source=f"{_LIST}; Bloodevil test data"
    ),
    replace(_APP_BUILT_IN, name="DSC-HX80", evidence=(_I,), source=_ROCC),
    replace(_APP_BUILT_IN, name="DSC-HX90"),
    replace(_APP_BUILT_IN, name="DSC-HX90V", originals=(_SEND,), source=f"{_LIST}; {_TRANSFER_LIST}"),
    replace(_APP_BUILT_IN, name="DSC-WX500"),
    replace(_APP_BUILT_IN, name="DSC-QX30", originals=(_CONTENTS,), source=f"{_LIST}; {_ROCC}"),
    replace(
        _APP_BUILT_IN,
        name="ILCE-QX1",
        sets_exposure=True,
        errs_though_exposed=True,
        originals=(_POSTVIEW, _CONTENTS),
        quirks=("Reports errors for pictures it took.", "Can join a network (Multi Wi-Fi)."),
        evidence=(_R, _T),
        source=f"{_LIST}; node-sonycam; timelapse-sony issue 31",
    ),
    replace(
        _APP_BUILT_IN,
        name="HDR-AZ1",
        sets_exposure=False,
        originals=(_CONTENTS,),
        quirks=("Its automatic switch-off can be set.",),
        evidence=(_C, _T),
        source=f"{_LIST}; kota",
    ),
    replace(
        _APP_BUILT_IN,
        name="HDR-AS200V",
        sets_exposure=False,
        originals=(_CONTENTS,),
        quirks=("Its automatic switch-off can be set.",),
        source=f"{_LIST}; {_ROCC}",
    ),
    replace(
        _APP_BUILT_IN,
        name="FDR-X1000V",
        sets_exposure=False,
        originals=(_CONTENTS,),
        quirks=("Its automatic switch-off can be set.",),
        source=f"{_LIST}; {_ROCC}",
    ),
    # --- built in, 2017-19, and what answers at the same address ---
    replace(_LATE_BODY, name="FDR-AX33", half_press=False, quirks=(_CAMCORDER_QUIRK,), evidence=(_T,), source=_LIST),
    replace(
        _LATE_BODY,
        name="ILCA-77M2",
        half_press=False,
        errs_though_exposed=True,
        originals=(_SEND,),
        quirks=("With a slow lens in AF it reports an error although the picture was taken.",),
        evidence=(_T,),
        source=f"{_LIST}; timelapse-sony issue 33; {_TRANSFER_LIST}",
    ),
    replace(_ACTION_CAM, name="HDR-AS50", evidence=(_C, _T), source=f"{_LIST}; xaldew/Sony-camera-server"),
    replace(_ACTION_CAM, name="HDR-AS300"),
    replace(_ACTION_CAM, name="FDR-X3000"),
    replace(
        _LATE_BODY,
        name="DSC-RX0",
        quirks=(_AF_QUIRK, "Answers “not ready” (40401) right after one has joined it."),
        source=f"{_LIST}; rocc issue 20",
    ),
    replace(_LATE_BODY, name="DSC-RX0M2", evidence=(_I,), source=_ROCC),
    replace(
        _LATE_BODY, name="DSC-RX100M5A", originals=(_SEND,), source=f"{_LIST}; an importer run on an RX100M5A; {_ROCC}"
    ),
    replace(_LATE_BODY, name="DSC-RX100M6", originals=(_SEND,), source=f"{_LIST}; {_ROCC}; {_TRANSFER_LIST}"),
    replace(_LATE_BODY, name="DSC-RX10M4", originals=(_SEND,), source=f"{_LIST}; {_TRANSFER_LIST}"),
    replace(_LATE_BODY, name="ILCE-7M3", source=f"{_LIST}; {_ROCC}; timelapse-sony issue 39"),
    replace(
        _LATE_BODY,
        name="ILCE-6400",
        originals=(_SEND,),
        evidence=(_R, _C, _T),
        source=f"{_LIST}; {_ROCC}; {_TRANSFER_LIST}",
    ),
    replace(_LATE_BODY, name="ILCE-7RM3", evidence=(_I,), source=_ROCC),
    replace(
        _LATE_BODY,
        name="ILCE-9",
        quirks=(_AF_QUIRK, "With firmware 5 and later it speaks PTP/IP only."),
        evidence=(_I,),
        source=f"{_ROCC}; rocc issue 1",
    ),
    # --- PTP/IP only ---
    replace(_PTP_SENDER, name="ILCE-6100"),
    replace(_PTP_SENDER, name="ILCE-6600", quirks=(*_PTP_SENDER.quirks, "Early firmware may have been different.")),
    replace(_PTP_SENDER, name="DSC-HX99", source=_TRANSFER_LIST),
    replace(_PTP_SENDER, name="DSC-RX100M7"),
    replace(_PTP_BODY, name="ILCE-7C"),
    replace(_PTP_BODY, name="ILCE-7RM4"),
    replace(_PTP_BODY, name="ILCE-9M2"),
    replace(_PTP_BODY, name="ZV-1"),
)

# Regional variants, television systems and kits: HX50V, AX100E, RX100M5AVA's V, A6000L; remote-control kits add R.
_VARIANT = re.compile(r"(?:V|E|B|VE|VB|EB|K|L|M|Y|Z)?")
_VARIANT_OF_CAMCORDERS = re.compile(r"(?:V|E|B|VE|VB|EB|R|VR)?")


def model_named(name: str) -> Model | None:
    """Return the row of a model, or `None` when nothing beyond its generation is known.

    Regional variants and kits (`FDR-AX100E`, `ILCE-6000L`) share the row of their body; the prefix may be
    missing.
    """
    asked = name.strip().upper()
    for wanted in (asked, *(f"{prefix}-{asked}" for prefix in ("DSC", "ILCE", "HDR", "FDR"))):
        rows = [row for row in MODELS if wanted.startswith(row.name)]
        if rows:
            row = max(rows, key=lambda row: len(row.name))
            variant = _VARIANT_OF_CAMCORDERS if row.name.startswith(("HDR", "FDR")) else _VARIANT
            return row if variant.fullmatch(wanted.removeprefix(row.name)) else None
    return None
