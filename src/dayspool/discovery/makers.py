"""Which makers' network addresses (MAC) make a host worth asking first: prefixes as data.

Every camera seen so far carried a Wi-Fi module by Murata, so the address names Murata and not Sony; such modules sit in
printers, phones and consoles too. A match is a reason to ask a host earlier, never a proof.

Source: the public OUI registry as shipped in netaddr 1.3.0 (ieee-data of 27 August 2022 holds most of the same rows);
the prefixes of cameras come from the unique names in descriptions and SSDP answers that their owners published.
"""

from __future__ import annotations

from enum import IntEnum

__all__ = ["Likelihood", "likelihood_of", "prefix_of"]

_LOCALLY_ADMINISTERED = 0x02
_PREFIX_DIGITS = 6


class Likelihood(IntEnum):
    """How likely a camera is behind a network address; the greater the earlier it is asked."""

    UNKNOWN = 0
    SONY = 1  # televisions, phones and audio for the most part
    MURATA = 2  # the maker of the cameras' Wi-Fi modules
    SEEN = 3  # a prefix that a camera was seen with


# A5000, AS20, QX100 and AS30V, HX400V, A6000 (two bodies), NEX-5R, A7R II, QX1, A6300, A6100, one in a home network.
_SEEN = """
    1848CA 1C994C 2002AF 784B87 8C4500 98F170 A0C9A0 B072BF D44DA4 DCEFCA FCC2DE FCDBB3
"""

_MURATA = """
    000E6D 0013E0 0021E8 0026E8 00376D 005081 006057 009D6B 00AEFA 044665 04C461 10322C 1098C3 10A5D0
    147DC5 1848CA 1C7022 1C994C 2002AF 24CD8D 2C4CC6 2CD1C6 40F308 449160 44A7CF 48EB62 5026EF 58D50A
    5CDAD4 5CF8A1 6021C0 60F189 707414 7087A7 747A90 784B87 78F505 88308A 8C4500 90B686 98F170 9C50D1
    A0C9A0 A0CC2B A0CDF3 A408EA B072BF B8D7AF C4AC59 CCC079 D00B27 D01769 D040EF D0E44A D44DA4 D45383
    D81068 D8C46A DCEFCA DCFE23 E84F25 E8E8B7 EC5C84 F02765 FC84A7 FCC2DE FCDBB3
"""

# Sony Corporation, and (2C97ED) Sony Imaging Products & Solutions.
_SONY = """
    00014A 000AD9 000E07 000FDE 0012EE 0013A9 001620 0016B8 001813 001963 001A75 001A80 001B59 001CA4
    001D28 001DBA 001E45 001EDC 001FE4 00219E 002298 002345 0023F1 0024BE 0024EF 0025E7 00EB2D 045D4B
    080046 104FA8 18002D 1C7B21 205476 2421AB 283F69 2C97ED 3017C8 303926 307512 30A8DB 30F9ED 387862
    3C01EF 3C0771 3C38F4 402BA1 4040A7 40B837 44746C 44D4E0 4C21D0 544249 5453ED 58170C 584822 5CB524
    68764F 6C0E0D 6C23B9 78843C 8099E7 8400D2 848EDF 84C7EA 88C9E8 8C6422 90C115 94CE2C 9C5CF9 A0E453
    AC800A AC9B0A B4527D B4527E B8F934 BC6E64 C43ABE D05162 D4389C D8D43C E063E5 F0BF97 F84E17 FCF152
"""

_LIKELIHOODS = {
    prefix: likelihood
    for likelihood, prefixes in ((Likelihood.SONY, _SONY), (Likelihood.MURATA, _MURATA), (Likelihood.SEEN, _SEEN))
    for prefix in prefixes.split()
}


def prefix_of(mac: str) -> str:
    """Return the maker's prefix of a network address, six hexadecimal digits.

    The bit of locally administered addresses is cleared: cameras with the remote-control app set it (B272BF for the
    module's own B072BF on an HX400V).
    """
    digits = "".join(sign for sign in mac if sign.isalnum())[:_PREFIX_DIGITS]
    return f"{int(digits[:2], 16) & ~_LOCALLY_ADMINISTERED:02X}{digits[2:].upper()}"


def likelihood_of(mac: str) -> Likelihood:
    """Tell how likely a camera is behind a network address such as `dc:ef:ca:66:08:e7`."""
    return _LIKELIHOODS.get(prefix_of(mac), Likelihood.UNKNOWN)
