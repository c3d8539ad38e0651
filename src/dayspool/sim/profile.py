"""What one camera model says and how fast it is: data only, so that another model is another value.

The models themselves are in `dayspool.sim.models`; `docs/cameras.md` and the conformance suite read the same values.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ALWAYS",
    "Choices",
    "DescriptionStyle",
    "Method",
    "Offer",
    "Ports",
    "Profile",
    "Quirks",
    "Setting",
    "State",
    "Timings",
    "When",
]


_LAST_BIT = 1e-6  # moments are sums of floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The TCP ports of a camera; app cameras (G2) have liveview and postviews on the control port.

    Attributes:
        control: the JSON services.
        description: the device description, and the ContentDirectory of "Send to Smartphone".
        media: liveview and postviews.
        files: the pictures of "Send to Smartphone".
        ptp: PTP/IP, the protocol of newer bodies.
    """

    control: int
    description: int
    media: int
    files: int = 60_151
    ptp: int = 15_740


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """How long things take inside the body, in seconds; pairs are the ends of an even distribution."""

    processing_seconds: tuple[float, float]  # from the end of the exposure to the answer
    busy_seconds: tuple[float, float]  # from the end of the exposure to IDLE
    longest_answer_seconds: float = 15.0  # exposures beyond it are answered with 40403
    poll_seconds: float = 20.0  # how long an event poll waits for news
    movie_saving_seconds: float = 2.0
    zoom_seconds: float = 3.0  # from one end of the zoom to the other
    rec_mode_seconds: float = 2.5  # NotReady after startRecMode
    function_seconds: float = 1.5  # NotReady after setCameraFunction
    focus_seconds: float = 0.4  # from half-press or touch to Focused or Failed
    continuous_fps: float = 3.0
    not_ready_seconds: float = 0.0  # 40401 after switch-on


class DescriptionStyle(StrEnum):
    """How a body describes itself over UPnP."""

    BASIC = "basic"  # scalarwebapi_dd.xml and dd.xml: device type Basic:1
    MEDIA_SERVER = "media-server"  # DmsRmtDesc.xml: MediaServer:1 with icons and X_DLNADOC


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What the offers of a camera depend on.

    Attributes:
        rec_mode: whether `startRecMode` has been called, or is not needed.
        liveview: whether liveview runs.
        liveview_seconds: for how long it has run, in camera seconds.
        status: as `cameraStatus` says.
        values: the value of every setting by its group, such as `ShootMode`.
    """

    rec_mode: bool
    liveview: bool
    status: str
    liveview_seconds: float = 0.0
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """A condition on the state; what is not said holds always.

    Attributes:
        rec_mode: needed, or not allowed.
        liveview: needed, or not allowed.
        liveview_seconds: for how long liveview must have run.
        statuses: the camera must be in one of them.
        values: for each group named, the setting must have one of these values.
    """

    rec_mode: bool | None = None
    liveview: bool | None = None
    liveview_seconds: float = 0.0
    statuses: frozenset[str] = frozenset()
    values: Mapping[str, frozenset[Any]] = field(default_factory=dict)

    def holds(self, state: State) -> bool:
        """Return whether that state meets this condition."""
        return (
            self.rec_mode in {None, state.rec_mode}
            and self.liveview in {None, state.liveview}
            and state.liveview_seconds > self.liveview_seconds - _LAST_BIT
            and (not self.statuses or state.status in self.statuses)
            and all(state.values.get(group) in wanted for group, wanted in self.values.items())
        )


ALWAYS = When()


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One row of `getMethodTypes`."""

    name: str
    params: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    version: str = "1.0"
    service: str = "camera"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One name in `getAvailableApiList`, in the list's order, and when it is there."""

    name: str
    when: When = ALWAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a setting can be set to, and when.

    Attributes:
        values: strings or whole numbers; `(highest, lowest, step)` for exposure steps; `(mode, (highest, lowest, step)
            or ())` for white balance; `(aspect, size)` for still sizes.
    """

    values: tuple[Any, ...]
    when: When = ALWAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting of a camera; its shape and event follow from its group (`dayspool.sim.groups`).

    Attributes:
        group: what stands after `get`, such as `ShutterSpeed`.
        value: what it is at switch-on; `(mode, kelvin or -1)` for white balance.
        choices: the first whose condition holds counts; with none the value can be read, and not changed now.
        supported: what `getSupported…` says; the values of the first choices unless given.
    """

    group: str
    value: Any
    choices: tuple[Choices, ...] = ()
    supported: tuple[Any, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """Where a body differs from the rule; the models that show each one are named.

    Attributes:
        needs_rec_mode: nothing but seven methods works before `startRecMode` (every app camera).
        needs_half_press: in AF `actTakePicture` fails unless the shutter was half-pressed (A7III, A6400, RX0).
        shot_error_every: every n-th shot is answered with 40400 although it was taken (QX1, 77M2).
        http_500: methods with the parameters that bring HTTP 500 (A6300: `setShootMode ["movie"]`).
        works_unlisted: methods that do their work while the list of available ones leaves them out (A6300).
        liveview_ends_at_shot: it has to be started again after each shot (RX100M2).
        liveview_refuses_twice: `startLiveview` while it runs is answered with 40402 (rocc: some,
            it does not say which; here the A7III, so that one model shows it).
        refuses_same_shoot_mode: `setShootMode` to the current mode is an error (rocc, as above).
    """

    needs_rec_mode: bool = False
    needs_half_press: bool = False
    shot_error_every: int = 0
    http_500: tuple[tuple[str, tuple[Any, ...]], ...] = ()
    works_unlisted: frozenset[str] = frozenset({"awaitTakePicture"})
    liveview_ends_at_shot: bool = False
    liveview_refuses_twice: bool = False
    refuses_same_shoot_mode: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One camera model.

    Attributes:
        name: as `dayspool sim --model` calls it.
        model: as Sony prints it; also the friendly name and the EXIF model.
        dialect: `G0` to `G3`, or `none` when it speaks no JSON.
        address: where the body itself lives in its own network.
        service_base: where the services really are; the camera service answers at `service_base` + `/camera`.
        action_list_path: the base the description advertises, true or not.
        description_paths: where the description is; the first is the one SSDP names.
        services: the service types the description lists.
        digital_imaging: whether the description also has the DigitalImaging service.
        udn_form: the unique device name, with `{mac}` for twelve lower-case and `{MAC}` for upper-case digits.
        application: name and version in `getApplicationInfo`.
        methods: the rows of `getMethodTypes`, of every service and version.
        offers: what `getAvailableApiList` can name, in its order.
        gated: methods answered with HTTP 403 until `actEnableMethods` unlocks them.
        event_method: what this generation calls its event poll.
        escapes_slashes: whether JSON replies put a backslash before every slash.
        postview_name: path of a postview without its first slash; `{taken}` is the camera's time, `{count}` from 0.
        postview_query: what follows the question mark; empty where there is none.
        postview_px: width and height of a postview ("2M").
        original_px: the same of the file on the card, and of the postview "Original".
        liveview_sizes: width and height by the names of `startLiveviewWithSize`.
        focal_mm: the lens from wide to long.
        batteries: the rows of `batteryInfo`; none where the model tells nothing.
        tells_storage: whether the card's space is told.
        json: whether the JSON services are there at all.
        send_mode: whether the body is in "Send to Smartphone": a ContentDirectory and its files.
        ptp_only: whether only PTP/IP answers.
    """

    name: str
    model: str
    dialect: str
    address: str
    ports: Ports
    service_base: str = "/sony"
    action_list_path: str = "/sony"
    description_paths: tuple[str, ...]
    description_style: DescriptionStyle = DescriptionStyle.BASIC
    digital_imaging: bool = False
    services: tuple[str, ...]
    model_description: str = "SonyDigitalMediaServer"
    manufacturer_url: str = "http://www.sony.net/"
    server: str
    ssdp_extra: tuple[tuple[str, str], ...] = ()
    udn_form: str
    mac_prefix: str
    application: tuple[str, str]
    methods: tuple[Method, ...] = ()
    offers: tuple[Offer, ...] = ()
    gated: frozenset[str] = frozenset()
    settings: tuple[Setting, ...] = ()
    event_method: str = "getEvent"
    timings: Timings
    quirks: Quirks = field(default_factory=Quirks)
    escapes_slashes: bool = False
    liveview_path: str
    liveview_px: tuple[int, int] = (640, 424)
    liveview_sizes: Mapping[str, tuple[int, int]] = field(default_factory=lambda: {"L": (1024, 680), "M": (640, 424)})
    liveview_fps: float = 15.0
    postview_name: str = "pict{taken:%y%m%d_%H%M%S}{count:04d}.JPG"
    postview_query: str = ""
    postview_px: tuple[int, int] = (1616, 1080)
    original_px: tuple[int, int] = (5472, 3648)
    focal_mm: tuple[float, float]
    batteries: tuple[Mapping[str, Any], ...] = ()
    tells_storage: bool = True
    card_images: int = 40_000
    pictures_kept: int = 2
    json: bool = True
    send_mode: bool = False
    ptp_only: bool = False

    @property
    def service_path(self) -> str:
        """Where the camera service really answers."""
        return f"{self.service_base}/camera"

    @property
    def description_path(self) -> str:
        """Where SSDP says the description is."""
        return self.description_paths[0]

    @property
    def liveview_moments(self) -> frozenset[float]:
        """How long liveview must have run for one offer or another, in seconds."""
        return frozenset(offer.when.liveview_seconds for offer in self.offers) - {0.0}

    @property
    def shoot_modes(self) -> tuple[str, ...]:
        """The shoot modes it has; none without the setting."""
        setting = self.setting("ShootMode")
        return setting.choices[0].values if setting and setting.choices else ()

    def setting(self, group: str) -> Setting | None:
        """Return the setting of that group, when the model has it."""
        return next((setting for setting in self.settings if setting.group == group), None)

    def versions(self, service: str = "camera") -> tuple[str, ...]:
        """Return the versions of a service, as `getVersions` lists them."""
        return tuple(sorted({"1.0"} | {method.version for method in self.methods if method.service == service}))
