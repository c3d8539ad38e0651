"""Events as values: every type that tells something, told apart by type, with rubbish passed over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.camera.values import Battery, CameraStatus, StorageInfo, merge, parse_events

CARD = {"type": "storageInformation", "recordTarget": True, "numberOfRecordableImages": 40, "recordableTime": 60}
BATTERY = {"batteryID": "externalBattery1", "status": "active", "levelNumer": 1, "levelDenom": 4}


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ({"type": "focusStatus", "focusStatus": "Focused"}, {"focus_status": "Focused"}),
        (
            {
                "type": "cameraFunction",
                "currentCameraFunction": "Contents Transfer",
                "cameraFunctionCandidates": ["Remote Shooting", "Contents Transfer"],
            },
            {"camera_function": "Contents Transfer"},
        ),
        ({"type": "liveviewOrientation", "liveviewOrientation": "270"}, {"orientation_degrees": 270}),
        ({"type": "liveviewOrientation", "liveviewOrientation": "45"}, {}),
        (
            {"type": "exposureMode", "currentExposureMode": "Manual", "exposureModeCandidates": []},
            {"exposure_mode": "Manual"},
        ),
        ({"type": "shutterSpeed", "currentShutterSpeed": '0.4"', "shutterSpeedCandidates": []}, {"shutter": '0.4"'}),
        ({"type": "fNumber", "currentFNumber": "--", "fNumberCandidates": []}, {"aperture": "--"}),
        ({"type": "isoSpeedRate", "currentIsoSpeedRate": "AUTO"}, {"iso": "AUTO"}),
        ({"type": "focusMode", "currentFocusMode": "MF"}, {"focus_mode": "MF"}),
        ({"type": "postviewImageSize", "currentPostviewImageSize": "2M"}, {"postview_size": "2M"}),
        ({"type": "contShootingMode", "contShootingMode": "Single", "candidate": ["Single"]}, {"drive_mode": "Single"}),
        (
            {"type": "contShooting", "contShootingUrl": [{"postviewUrl": "http://a/1", "thumbnailUrl": "http://a/t"}]},
            {"continuous_urls": ("http://a/1",)},
        ),
        ({"type": "bulbShooting", "bulbShootingUrl": [{"postviewUrl": "http://a/b"}]}, {"bulb_urls": ("http://a/b",)}),
        ({"type": "bulbShooting", "bulbShootingUrl": ["http://a/b", 3, {"x": 1}]}, {"bulb_urls": ("http://a/b",)}),
        ({"type": "bulbCapturingTime", "bulbCapturingTime": 12}, {"bulb_seconds": 12}),
        ({"type": "bulbCapturingTime", "bulbCapturingTime": -1}, {}),
        ({"type": "sceneRecognition", "sceneRecognition": "Night"}, {"scene": "Night"}),
        ({"type": "aeLock", "currentAELock": True}, {"exposure_locked": True}),
        ({"type": "programShift", "isShifted": False}, {"program_shifted": False}),
        (
            {"type": "touchAFPosition", "currentSet": True, "currentTouchCoordinates": [50, 25.5]},
            {"touch_position": (50.0, 25.5)},
        ),
        ({"type": "touchAFPosition", "currentSet": False, "currentTouchCoordinates": []}, {"touch_position": ()}),
        ({"type": "trackingFocusStatus", "trackingFocusStatus": "Not Tracking"}, {"tracking": "Not Tracking"}),
        ({"type": "zoomInformation", "zoomPosition": -1}, {}),
        ({"type": "zoomInformation", "zoomPosition": True}, {}),
        ({"type": "cameraStatus", "cameraStatus": None}, {}),
        ({"type": "cameraStatus"}, {}),
    ],
)
def test_what_an_event_tells(event, told):
    assert parse_events([None, [], event]) == CameraStatus(**told)
    assert parse_events([[event]]) == CameraStatus(**told)


@pytest.mark.parametrize(
    ("battery", "told"),
    [
        (BATTERY, Battery(name="externalBattery1", level=0.25, active=True)),
        (
            BATTERY | {"additionalStatus": "charging"},
            Battery(name="externalBattery1", level=0.25, active=True, charging=True),
        ),
        (
            BATTERY | {"additionalStatus": "batteryNearEnd", "levelNumer": 0},
            Battery(name="externalBattery1", level=0.0, active=True, near_end=True),
        ),
        ({"levelNumer": -1, "levelDenom": -1, "status": "unknown"}, Battery(name="")),
        (BATTERY | {"levelDenom": 0}, Battery(name="externalBattery1", active=True)),
        (BATTERY | {"levelNumer": 9}, Battery(name="externalBattery1", active=True)),
    ],
)
def test_a_battery(battery, told):
    info = {"type": "batteryInfo", "batteryInfo": [{"batteryID": "noBattery"}, battery, None]}
    assert parse_events([info]).battery == (told,)


def test_of_several_cards_the_one_that_is_written_to_says_how_much_fits():
    other = {"type": "storageInformation", "storageID": "No Media", "numberOfRecordableImages": 0}
    status = parse_events([[CARD | {"storageID": "Memory Card 1"}, other]])
    assert status.recordable_images == 40
    assert status.storage == (
        StorageInfo(name="Memory Card 1", target=True, images_left=40, seconds_left=60),
        StorageInfo(name="No Media", images_left=0, no_media=True),
    )


def test_a_card_that_does_not_know_how_much_fits():
    status = parse_events([[CARD | {"storageID": "Memory Card 1", "numberOfRecordableImages": -1}]])
    assert status.recordable_images is None
    assert status.storage is not None
    assert status.storage[0].images_left is None


def test_no_news_of_cards_keeps_what_is_known():
    known = parse_events([[CARD]])
    assert merge(known, parse_events([None, [], []])) == known


TYPES = [
    *["availableApiList", "cameraStatus", "zoomInformation", "liveviewStatus", "liveviewOrientation", "takePicture"],
    *["continuousError", "storageInformation", "contShooting", "batteryInfo", "bulbShooting", "touchAFPosition"],
]
KEYS = [
    *["names", "cameraStatus", "zoomPosition", "liveviewOrientation", "takePictureUrl", "continuousError", "storageID"],
    *["numberOfRecordableImages", "contShootingUrl", "batteryInfo", "bulbShootingUrl", "currentTouchCoordinates"],
    *["postviewUrl", "levelNumer", "levelDenom", "batteryID"],
]
rubbish = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=8,
)
events = st.builds(
    lambda kind, told: {"type": kind} | told, st.sampled_from(TYPES), st.dictionaries(st.sampled_from(KEYS), rubbish)
)


@given(st.lists(events | rubbish | st.lists(events | rubbish, max_size=2), max_size=4))
def test_rubbish_in_events_is_passed_over(result):
    assert isinstance(hash(parse_events(result)), int)
