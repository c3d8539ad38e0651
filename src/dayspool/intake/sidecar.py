"""XMP sidecars that tell other programs how far a frame's exposure lies from the one the ramp wanted.

Timelapse+ VIEW writes that residue as `lrt:ExternalExposureDefault` (ideal − actual, in EV of brightness) and as
`crs:Exposure2012`, the exposure slider of Camera Raw. Two fields, and nothing else of a development.
"""

from __future__ import annotations

__all__ = ["exposure_sidecar", "external_exposure_ev"]

_SIDECAR = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="dayspool">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"
    xmlns:lrt="http://lrtimelapse.com/"
    crs:ProcessVersion="11.0"
    crs:Exposure2012="{ev:+.4f}"
    lrt:ExternalExposureDefault="{ev:+.4f}"/>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
"""


def external_exposure_ev(residue_ev: float) -> float:
    """Return by how many EV a picture must be brightened to look as the ramp wanted.

    A residue counts in the EV of the scene that an exposure draws as middle grey, where a higher number lets in less
    light: wanted 12 EV, applied 11 EV is a residue of +1, a picture 1 EV too bright, to be changed by −1 EV.
    """
    return -residue_ev + 0.0  # no −0.0


def exposure_sidecar(residue_ev: float) -> bytes:
    """Return the sidecar of a frame whose `ExposureSteered.residue_ev` is known."""
    return _SIDECAR.format(ev=external_exposure_ev(residue_ev)).encode()
