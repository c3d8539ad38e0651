"""What one camera model says and how fast it is: data only, so that another model is another value.

Facts about the DSC-RX100M2 that nobody has recorded (reply bodies, slot order, the time it takes) follow its nearest
recorded relatives: the WX350, QX10 and AS30V, which used the same ports in the same years.
"""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["RX100M2", "Method", "Ports", "Profile", "Timings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The three TCP ports of a camera."""

    control: int
    description: int
    media: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """How long things take inside the body, in seconds; pairs are the ends of an even distribution."""

    processing_seconds: tuple[float, float]  # from the end of the exposure to the answer
    busy_seconds: tuple[float, float]  # from the end of the exposure to IDLE
    longest_answer_seconds: float = 15.0  # exposures beyond it are answered with 40403
    poll_seconds: float = 20.0  # how long an event poll waits for news
    movie_saving_seconds: float = 2.0
    zoom_seconds: float = 3.0  # from one end of the zoom to the other


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One row of `getMethodTypes`, and when `getAvailableApiList` offers it.

    Attributes:
        modes: the shoot modes in which it is offered; empty means all.
        statuses: the camera statuses in which it is offered; empty means all.
    """

    name: str
    params: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    modes: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    version: str = "1.0"

    def offered(self, mode: str, status: str) -> bool:
        """Return whether the camera offers this method in that mode and status."""
        return (not self.modes or mode in self.modes) and (not self.statuses or status in self.statuses)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One camera model.

    Attributes:
        name: as `dayspool sim --model` calls it.
        model: as Sony prints it; also the friendly name and the EXIF model.
        address: where the body itself lives in its own network.
        service_path: where the camera service really answers.
        action_list_path: the base the description advertises, true or not.
        services: the service types the description lists.
        application: name and version in `getApplicationInfo`.
        event_method: what this generation calls its event poll.
        escapes_slashes: whether JSON replies put a backslash before every slash.
        postview_px: width and height of a postview.
        focal_mm: the lens from wide to long.
    """

    name: str
    model: str
    dialect: str
    address: str
    ports: Ports
    service_path: str
    description_path: str
    action_list_path: str
    services: tuple[str, ...]
    device_type: str
    model_description: str
    manufacturer_url: str
    server: str
    mac_prefix: str
    application: tuple[str, str]
    versions: tuple[str, ...] = ("1.0",)
    event_method: str
    shoot_modes: tuple[str, ...]
    methods: tuple[Method, ...]
    timings: Timings
    liveview_path: str
    postview_query: str
    escapes_slashes: bool = False
    postview_px: tuple[int, int]
    liveview_px: tuple[int, int]
    liveview_fps: float
    focal_mm: tuple[float, float]
    card_images: int = 40_000
    pictures_kept: int = 2
    ssdp_extra: tuple[tuple[str, str], ...] = field(default=())


_STILL = frozenset({"still"})
_MOVIE = frozenset({"movie"})
_IDLE = frozenset({"IDLE"})
_RESOURCE = "%211234%21http%2dget%3a%2a%3aimage%2fjpeg%3a%2a%21%21%21%21%21"

RX100M2 = Profile(
    name="rx100m2",
    model="DSC-RX100M2",
    dialect="G0",
    address="10.0.0.1",
    ports=Ports(control=10_000, description=1900, media=60_152),
    service_path="/camera",
    description_path="/scalarwebapi_dd.xml",
    action_list_path="/sony",
    services=("camera",),
    device_type="urn:schemas-upnp-org:device:Basic:1",
    model_description="SonyRemoteCamera",
    manufacturer_url="http://www.sony.com/",
    server="UPnP/1.0 SonyImagingDevice/1.0",
    mac_prefix="1c994c",
    application=("Smart Remote Control", "2.0.0"),
    event_method="receiveEvent",
    shoot_modes=("still", "movie"),
    methods=(
        Method(name="getMethodTypes", params=("string",), results=("string", "string*", "string*", "string")),
        Method(name="getAvailableApiList", results=("string*",)),
        Method(name="setShootMode", params=("string",), results=("int",), statuses=_IDLE),
        Method(name="getShootMode", results=("string",)),
        Method(name="getSupportedShootMode", results=("string*",)),
        Method(name="getAvailableShootMode", results=("string", "string*")),
        Method(name="startLiveview", results=("string",)),
        Method(name="stopLiveview", results=("int",)),
        Method(name="actTakePicture", results=("string*",), modes=_STILL, statuses=_IDLE),
        Method(name="awaitTakePicture", results=("string*",), modes=_STILL, statuses=frozenset({"StillCapturing"})),
        Method(name="startMovieRec", results=("int",), modes=_MOVIE, statuses=_IDLE),
        Method(name="stopMovieRec", results=("string",), modes=_MOVIE, statuses=frozenset({"MovieRecording"})),
        Method(name="actZoom", params=("string", "string"), results=("int",)),
        Method(name="getApplicationInfo", results=("string", "string")),
        Method(name="getVersions", results=("string*",)),
        Method(name="receiveEvent", params=("bool",), results=('{"type":"string"}*',)),
    ),
    timings=Timings(processing_seconds=(1.4, 2.3), busy_seconds=(3.0, 5.0)),
    liveview_path=f"/liveview.JPG?{_RESOURCE}",
    postview_query=_RESOURCE,
    postview_px=(1616, 1080),
    liveview_px=(640, 424),
    liveview_fps=15.0,
    focal_mm=(10.4, 37.1),
)
