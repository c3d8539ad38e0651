"""Sidecars in every spelling that RDF allows, for tests: the same history, other bytes."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass
from xml.sax.saxutils import escape

from hypothesis import strategies as st

from dayspool.sidecar.step import Step

DARKTABLE = "http://darktable.sf.net/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
WORDS = st.text("abcdefghij", min_size=1, max_size=8)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"]), max_size=12)
STEPS = st.builds(
    Step,
    operation=WORDS,
    version=st.integers(1, 12),
    params=st.binary(max_size=160),
    enabled=st.booleans(),
    name=TEXT,
    priority=st.integers(0, 3),
    blend_version=st.just(11),
    blend=st.binary(min_size=4, max_size=120),
) | st.builds(Step, operation=WORDS, version=st.integers(1, 12), params=st.binary(max_size=40), name=TEXT)


def gz(data: bytes) -> str:
    """As darktable squeezes parameters of more than 100 bytes."""
    squeezed = zlib.compress(data)
    factor = min(99, len(data) // len(squeezed) + 1)
    return f"gz{factor:02d}{base64.b64encode(squeezed).decode()}"


@dataclass(frozen=True)
class Spelling:
    """How somebody writes XMP."""

    dt: str = "darktable"
    rdf: str = "rdf"
    quote: str = '"'
    space: str = "\n   "
    elements: bool = False  # child elements instead of attributes
    nested: bool = False  # rdf:Description in rdf:li
    squeezed: bool = False
    comment: str = ""
    foreign: str = ""
    wrapper: bool = False
    prolog: str = '<?xml version="1.0" encoding="UTF-8"?>\n'
    codec: str = "utf-8"
    apart: bool = False  # the history in an rdf:Description of its own

    def attribute(self, name: str, text: str) -> str:
        quoted = escape(text, {'"': "&quot;", "'": "&apos;"})
        return f"{self.space}{name}={self.quote}{quoted}{self.quote}"

    def item(self, num: int, step: Step) -> str:
        blob = gz if self.squeezed else bytes.hex
        texts = {
            "num": str(num),
            "operation": step.operation,
            "enabled": str(int(step.enabled)),
            "modversion": str(step.version),
            "params": blob(step.params),
            "multi_name": step.name,
            "multi_priority": str(step.priority),
        }
        if step.blend is not None:
            texts |= {"blendop_version": str(step.blend_version), "blendop_params": blob(step.blend)}
        if not self.elements:
            inner = "".join(self.attribute(f"{self.dt}:{key}", text) for key, text in texts.items())
            if self.nested:
                return f"<{self.rdf}:li>{self.space}<{self.rdf}:Description{inner} /></{self.rdf}:li>"
            return f"<{self.rdf}:li{inner}/>"
        inner = "".join(f"{self.space}<{self.dt}:{key}>{escape(text)}</{self.dt}:{key}>" for key, text in texts.items())
        if self.nested:
            inner = f"<{self.rdf}:Description>{inner}</{self.rdf}:Description>"
            return f"<{self.rdf}:li>{inner}{self.space}</{self.rdf}:li>"
        return (
            f"<{self.rdf}:li {self.rdf}:parseType={self.quote}Resource{self.quote}>{inner}{self.space}</{self.rdf}:li>"
        )

    def document(self, steps: list[Step], end: int) -> bytes:
        items = self.comment.join(self.space + self.item(num, step) for num, step in enumerate(steps))
        simple = {"xmp_version": "5", "auto_presets_applied": "1", "history_end": str(end), "iop_order_version": "2"}
        head = self.attribute(f"{self.rdf}:about", "") + self.attribute("xmlns:x1", "http://example.com/x1/")
        head += self.attribute(f"xmlns:{self.dt}", DARKTABLE)
        described = f"{self.rdf}:Description"
        body = self.foreign
        if self.elements:
            body += "".join(f"{self.space}<{self.dt}:{key}>{text}</{self.dt}:{key}>" for key, text in simple.items())
        else:
            head += "".join(self.attribute(f"{self.dt}:{key}", text) for key, text in simple.items())
        if self.apart:
            body += f"</{described}>{self.space}<{described}{self.attribute(f'xmlns:{self.dt}', DARKTABLE)}>"
        seq = f"<{self.rdf}:Seq>{items}{self.space}</{self.rdf}:Seq>" if items else f"<{self.rdf}:Seq/>"
        body += f"<{self.dt}:history>{seq}</{self.dt}:history>"
        about = f"<{described}{head}>{body}</{described}>"
        rdf = f"<{self.rdf}:RDF{self.attribute(f'xmlns:{self.rdf}', RDF)}>{self.comment}{about}</{self.rdf}:RDF>"
        text = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{rdf}</x:xmpmeta>"
        if self.wrapper:
            text = f"<?xpacket begin='\ufeff' id='W5M0MpCehiHzreSzNTczkc9d'?>{text}<?xpacket end='w'?>"
        return (self.prolog + text + "\n").encode(self.codec)


SPELLINGS = st.builds(
    Spelling,
    dt=st.sampled_from(["darktable", "dt", "ns1"]),
    rdf=st.sampled_from(["rdf", "r", "RDF"]),
    quote=st.sampled_from("'\""),
    space=st.sampled_from([" ", "\n", "\r\n\t", "\n      "]),
    elements=st.booleans(),
    nested=st.booleans(),
    squeezed=st.booleans(),
    comment=st.sampled_from(["", "<!-- li <rdf:li/> -->", "<?keep this?>"]),
    foreign=st.sampled_from(["", "<x1:Anything x1:b='2' x1:a='1'><![CDATA[<&>]]>&#x20AC;</x1:Anything>", "tail"]),
    wrapper=st.booleans(),
    prolog=st.just("")
    | st.sampled_from(['<?xml version="1.0"?>', "<?xml version='1.0' standalone='yes'?>\r\n<!-- made by hand -->"]),
    codec=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    apart=st.booleans(),
)
