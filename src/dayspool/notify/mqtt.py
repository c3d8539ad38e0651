"""Tell alarms and the state of a shoot to an MQTT broker, where Home Assistant finds it by itself.

Topics: `dayspool/NODE/state` (retained JSON), `dayspool/NODE/alarm` (one JSON object per alarm) and
`dayspool/NODE/available` (`online`, or `offline` as last will); the descriptions lie under `homeassistant/`, retained,
as https://www.home-assistant.io/integrations/mqtt/#discovery-messages wants them.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path  # noqa: TC003 - the settings reader looks at the annotations at run time
from typing import TYPE_CHECKING, Any

from dayspool.core.alarm import plain_alarm
from dayspool.core.plan import Mistake
from dayspool.errors import AlarmUndelivered, PlanError, ToolMissing
from dayspool.notify.receiver import Secret  # noqa: TC001 - the settings reader looks at the annotations at run time
from dayspool.notify.web import tls_context

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paho.mqtt.client import Client

    from dayspool.core.alarm import Alarm
    from dayspool.core.alarms import Standing

__all__ = ["Mqtt", "discovery", "node_of"]

_SECONDS = 10.0
_KEEPALIVE_SECONDS = 30
_TOPIC = re.compile(r"[^\x00-\x1f\x7f#+]{1,200}")

# what Home Assistant is told of each value: component, name, the rest of its description
_ENTITIES: dict[str, tuple[str, str, dict[str, str]]] = {
    "state": ("sensor", "State", {"icon": "mdi:camera-timer"}),
    "frames": ("sensor", "Frames", {"state_class": "total", "icon": "mdi:image-multiple"}),
    "gaps": ("sensor", "Gaps", {"state_class": "total", "icon": "mdi:image-off"}),
    "last_frame_age": ("sensor", "Age of the last frame", {"device_class": "duration", "unit_of_measurement": "s"}),
    "battery": ("sensor", "Battery", {"device_class": "battery", "unit_of_measurement": "%"}),
    "disk_free": ("sensor", "Free disk", {"device_class": "data_size", "unit_of_measurement": "B"}),
    "next_slot": ("sensor", "Next slot", {"device_class": "timestamp"}),
    "problem": ("binary_sensor", "Problem", {"device_class": "problem"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One connection to the broker, and what it is to say whenever it is made anew."""

    client: Client
    retained: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mqtt:
    """A broker; the connection is kept and made again by itself.

    Attributes:
        host: the broker.
        port: 1883, with TLS 8883, if left out.
        username: with `password`, where the broker wants them.
        tls: encrypt the connection.
        ca_file: the certificate of one's own authority.
        topic: what its topics begin with.
        discovery: what Home Assistant's topics begin with; empty for none.
    """

    host: str
    port: int | None = None
    username: str | None = None
    password: Secret | None = None
    tls: bool = False
    ca_file: Path | None = None
    topic: str = "dayspool"
    discovery: str = "homeassistant"
    _lines: dict[str, _Line] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        problems = []
        if self.port is not None and not 0 < self.port < 65_536:
            problems.append(Mistake("no port has this number", "port"))
        if not _TOPIC.fullmatch(self.topic):
            problems.append(Mistake("a topic has no # and no +", "topic"))
        if self.discovery and not _TOPIC.fullmatch(self.discovery):
            problems.append(Mistake("a topic has no # and no +", "discovery"))
        if problems:
            raise PlanError(*problems)

    def deliver(self, alarm: Alarm) -> None:
        """Publish an alarm and wait until the broker has it.

        Raises:
            AlarmUndelivered: the broker is away, or did not confirm it.
            ToolMissing: paho-mqtt is not installed.
        """
        line = self._line(alarm.shoot)
        self._publish(line, f"{self.topic}/{node_of(alarm.shoot)}/alarm", json.dumps(plain_alarm(alarm)), retain=False)

    def show(self, shoot: str, standing: Standing) -> None:
        """Publish how the shoot stands, retained, and first what it is; a broker that is away gets both later.

        Raises:
            AlarmUndelivered, ToolMissing: as `deliver`.
        """
        line = self._line(shoot)
        descriptions = discovery(shoot, topic=self.topic, prefix=self.discovery) if self.discovery else {}
        for topic in descriptions.keys() - line.retained.keys():
            line.retained[topic] = descriptions[topic]
            line.client.publish(topic, descriptions[topic], qos=1, retain=True)
        topic = f"{self.topic}/{node_of(shoot)}/state"
        line.retained[topic] = json.dumps(_values(standing))
        self._publish(line, topic, line.retained[topic], retain=True)

    def close(self) -> None:
        """Say that nobody watches any more, unless the shoot has ended; then disconnect."""
        for shoot, line in self._lines.items():
            state = line.retained.get(f"{self.topic}/{node_of(shoot)}/state", "{}")
            if json.loads(state).get("state") not in ("done", "stopped") and line.client.is_connected():
                told = line.client.publish(self._available(shoot), "offline", qos=1, retain=True)
                _confirmed(told, 2.0)
            line.client.disconnect()
            line.client.loop_stop()
        self._lines.clear()

    def _available(self, shoot: str) -> str:
        return f"{self.topic}/{node_of(shoot)}/available"

    def _publish(self, line: _Line, topic: str, payload: str, *, retain: bool) -> None:
        if not line.client.is_connected():
            raise AlarmUndelivered(f"the MQTT broker {self.host} is not connected")
        told = line.client.publish(topic, payload, qos=1, retain=retain)
        if not _confirmed(told, _SECONDS):
            raise AlarmUndelivered(f"the MQTT broker {self.host} did not confirm within {_SECONDS:g} s")

    def _line(self, shoot: str) -> _Line:
        if shoot not in self._lines:
            self._lines[shoot] = self._connect(shoot)
        return self._lines[shoot]

    def _connect(self, shoot: str) -> _Line:
        import threading

        try:
            from paho.mqtt.client import Client
            from paho.mqtt.enums import CallbackAPIVersion
        except ImportError:
            raise ToolMissing("alarms by MQTT need the package paho-mqtt: pip install 'dayspool[mqtt]'") from None

        client = Client(CallbackAPIVersion.VERSION2, client_id=f"dayspool-{node_of(shoot)}")
        client.will_set(self._available(shoot), "offline", qos=1, retain=True)
        client.max_queued_messages_set(100)
        if self.username is not None:
            client.username_pw_set(self.username, None if self.password is None else self.password.reveal())
        retained = {self._available(shoot): "online"}
        tried = threading.Event()

        def connected(client: Client, _data: object, _flags: object, reason: Any, _properties: object) -> None:
            if not reason.is_failure:
                for topic, payload in list(retained.items()):
                    client.publish(topic, payload, qos=1, retain=True)
            tried.set()

        client.on_connect = connected
        try:
            if self.tls:
                client.tls_set_context(tls_context(self.ca_file))
            client.connect(self.host, self.port or (8883 if self.tls else 1883), keepalive=_KEEPALIVE_SECONDS)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise AlarmUndelivered(f"the MQTT broker {self.host} cannot be reached: {reason}") from None
        client.loop_start()
        if not tried.wait(_SECONDS) or not client.is_connected():
            client.disconnect()
            client.loop_stop()
            raise AlarmUndelivered(f"the MQTT broker {self.host} does not let us in")
        return _Line(client=client, retained=retained)


def node_of(shoot: str) -> str:
    """Return what a shoot is called in topics: letters, digits, - and _ of its name, and a few signs of its digest."""
    plain = re.sub(r"[^a-zA-Z0-9_-]+", "-", shoot).strip("-")[:40]
    return f"{plain or 'shoot'}-{hashlib.blake2b(shoot.encode(), digest_size=3).hexdigest()}"


def discovery(shoot: str, *, topic: str, prefix: str) -> Mapping[str, str]:
    """Return the retained messages, by topic, from which Home Assistant makes one device of a shoot."""
    node = node_of(shoot)
    device = {"identifiers": [f"dayspool_{node}"], "name": f"Time-lapse {shoot}", "manufacturer": "dayspool"}
    return {
        f"{prefix}/{component}/dayspool_{node}/{key}/config": json.dumps(
            {
                "name": name,
                "unique_id": f"dayspool_{node}_{key}",
                "state_topic": f"{topic}/{node}/state",
                "value_template": f"{{{{ value_json.{key} }}}}",
                "availability_topic": f"{topic}/{node}/available",
                "device": device,
                **more,
            }
        )
        for key, (component, name, more) in _ENTITIES.items()
    }


def _values(standing: Standing) -> dict[str, Any]:
    age = standing.last_frame_age_seconds
    return {
        "state": standing.state,
        "frames": standing.frames,
        "gaps": standing.gaps,
        "last_frame_age": None if age is None else round(age),
        "battery": None if standing.battery is None else round(100 * standing.battery),
        "disk_free": standing.disk_free_bytes,
        "next_slot": None if standing.next_slot is None else standing.next_slot.isoformat(),
        "problem": "ON" if standing.problems else "OFF",
        "problems": list(standing.problems),
    }


def _confirmed(told: Any, seconds: float) -> bool:
    """Say whether the broker confirmed a message in time."""
    try:
        told.wait_for_publish(seconds)
    except (RuntimeError, ValueError):  # the connection went away, or the queue is full
        return False
    return bool(told.is_published())
