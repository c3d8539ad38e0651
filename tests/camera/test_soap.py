"""SOAP and DIDL from cameras, other makers' disagreements and hostile hands: values, or one error of our tree."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.camera.original import Content
from dayspool.camera.soap import decode_answer, encode_call, parse_listing
from dayspool.errors import CameraConfused, CameraRefused

SERVICE = "urn:schemas-upnp-org:service:ContentDirectory:1"
LARGE = '<res protocolInfo="http-get:*:image/jpeg:DLNA.ORG_PN=JPEG_LRG;DLNA.ORG_CI=1">http://c/LRG_{0}?q</res>'
SMALL = '<res protocolInfo="http-get:*:image/jpeg:DLNA.ORG_PN=JPEG_SM;DLNA.ORG_CI=1">http://c/SM_{0}?q</res>'
ORIGINAL = (
    '<res protocolInfo="http-get:*:image/jpeg:*" size="13729792" resolution="6000x4000">http://c/ORG_{0}?%21</res>'
)


def didl(*items):
    return f'<DIDL-Lite xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns="urn:x">{"".join(items)}</DIDL-Lite>'


def item(name, *resources, number=1):
    offers = "".join(resource.format(name) for resource in resources)
    told = f"<dc:title>{name}</dc:title><dc:date>2026-04-10T14:45:35</dc:date>"
    return f'<item id="{number}" restricted="1">{told}{offers}</item>'


def test_a_call_as_clients_make_it():
    headers, body = encode_call(SERVICE, "Browse", {"ObjectID": "a<&>b", "StartingIndex": "0"})
    assert headers["SOAPAction"] == f'"{SERVICE}#Browse"'
    assert b"<ObjectID>a&lt;&amp;&gt;b</ObjectID><StartingIndex>0</StartingIndex></u:Browse>" in body
    assert b' s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"' in body


def test_the_root_of_an_a6300():
    inside = (
        '&lt;DIDL-Lite xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns="urn:schemas-upnp-org:metadata-1-0/DIDL-Lite/"'
        ' xmlns:av="urn:schemas-sony-com:av"&gt;&lt;container id="PhotoRoot" restricted="1" parentID="0" childCount="1"'
        "&gt;&lt;dc:title&gt;PhotoRoot&lt;/dc:title&gt;&lt;av:mediaClass&gt;P,V&lt;/av:mediaClass&gt;&lt;/container&gt;"
        "&lt;/DIDL-Lite&gt;"
    )
    body = (
        '<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        f'<u:BrowseResponse xmlns:u="{SERVICE}"><Result>{inside}</Result><NumberReturned>1</NumberReturned>'
        "<TotalMatches>1</TotalMatches><UpdateID>636251077</UpdateID></u:BrowseResponse></s:Body></s:Envelope>"
    )
    listing = parse_listing(decode_answer(200, body.encode(), action="Browse"))
    assert listing.containers == ("PhotoRoot",)
    assert (listing.returned, listing.total, listing.originals) == (1, 1, ())


@pytest.mark.parametrize(
    ("resources", "content", "url", "size_bytes"),
    [
        ((LARGE, SMALL, ORIGINAL), Content.JPEG, "http://c/ORG_A?%21", 13_729_792),
        ((ORIGINAL, LARGE), Content.JPEG, "http://c/ORG_A?%21", 13_729_792),
        ((SMALL, LARGE), Content.REDUCED, "http://c/LRG_A?q", None),
    ],
)
def test_the_best_that_is_offered(resources, content, url, size_bytes):
    (found,) = parse_listing({"Result": didl(item("A", *resources))}).originals
    assert (found.content, found.url, found.size_bytes, found.name, found.uri) == (content, url, size_bytes, "A", "1")
    assert found.taken is not None
    assert found.taken.replace(tzinfo=None).isoformat() == "2026-04-10T14:45:35"


@pytest.mark.parametrize(
    "resources",
    [(), (SMALL,), ('<res protocolInfo="http-get:*:video/mp4:*">http://c/M</res>',), ("<res>http://c/x</res>",)],
    ids=["nothing", "a preview", "a film", "no protocol"],
)
def test_what_is_no_picture_is_counted_and_left_out(resources):
    listing = parse_listing({"Result": didl(item("A", *resources))})
    assert (listing.originals, listing.left_out, listing.returned) == ((), 1, 1)


@pytest.mark.parametrize(
    "result",
    [
        didl(item("A", ORIGINAL)).replace("<", "&lt;").replace(">", "&gt;"),
        didl(item("A", ORIGINAL)).replace(' xmlns="urn:x"', ""),
        "<?xml version='1.0' encoding='UTF-8'?><!-- c -->" + didl(item("A", ORIGINAL), "<?pi?><!-- c -->"),
    ],
    ids=["escaped twice", "no namespace", "comments"],
)
def test_other_ways_to_write_the_same(result):
    assert [found.name for found in parse_listing({"Result": result}).originals] == ["A"]


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a\x01b", "", "x" * 5000])
def test_names_are_data(name):
    quoted = name if name.isprintable() else "&#x1F600;"
    (found,) = parse_listing({"Result": didl(item(quoted, ORIGINAL.format("A")))}).originals
    assert len(found.name) <= 2048


BOMB = '<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><DIDL-Lite>&b;</DIDL-Lite>'


@pytest.mark.parametrize(
    "result",
    [
        BOMB,
        '<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
        "<DIDL-Lite>",
        "no list",
        "\ud800",
        "<a>" * 100_000,
    ],
    ids=["bomb", "external", "open", "text", "surrogate", "deep"],
)
def test_rubbish_is_one_error(result):
    with pytest.raises(CameraConfused):
        parse_listing({"Result": result})


@pytest.mark.parametrize(
    ("status", "body", "error", "code"),
    [
        (
            500,
            b"<s:Envelope xmlns:s='u'><s:Body><s:Fault><faultstring>UPnPError</faultstring><detail><UPnPError>"
            b"<errorCode>701</errorCode><errorDescription>no</errorDescription></UPnPError></detail></s:Fault></s:Body></s:Envelope>",
            CameraRefused,
            701,
        ),
        (404, b"not here", CameraRefused, 404),
        (200, b"not here", CameraConfused, None),
        (200, b"<a/>", CameraConfused, 200),
        (500, b"<a/>", CameraConfused, 500),
        (200, BOMB.encode(), CameraConfused, None),
        (200, b'<?xml version="1.0" encoding="utf-99"?><a/>', CameraConfused, None),
    ],
)
def test_faults_and_rubbish_instead_of_an_answer(status, body, error, code):
    with pytest.raises(error) as caught:
        decode_answer(status, body, action="Browse")
    assert caught.value.code == code


@given(st.binary(max_size=300), st.sampled_from([200, 500]))
def test_any_bytes_are_an_answer_or_one_error(body, status):
    with pytest.raises((CameraConfused, CameraRefused)):
        decode_answer(status, body, action="Browse")


TAGS = st.sampled_from(["DIDL-Lite", "item", "container", "res", "dc:title", "dc:date", "upnp:class"])
TEXTS = st.text(string.printable + "é\u2028", max_size=40)


@given(
    st.recursive(
        TEXTS.map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;")),
        lambda inside: st.builds(
            lambda tag, name, value, parts: f'<{tag} {name}="{value}">{"".join(parts)}</{tag}>',
            TAGS,
            st.sampled_from(["id", "size", "protocolInfo"]),
            st.sampled_from(["", "-1", "9" * 30, "1e9", "http-get:*:image/jpeg:*", "::", "٣"]),
            st.lists(inside, max_size=4),
        ),
        max_leaves=20,
    )
)
def test_any_tree_is_a_listing_or_one_error(tree):
    result = f'<r xmlns:dc="d" xmlns:upnp="u">{tree}</r>'
    try:
        listing = parse_listing({"Result": result, "TotalMatches": "-5"})
    except CameraConfused:
        return
    assert listing.total is None
    assert all(found.url and (found.size_bytes is None or found.size_bytes >= 0) for found in listing.originals)
