"""MQTT against a real mosquitto: what is retained, what Home Assistant is told, a broker that goes, the last will."""

import gc
import json
import subprocess
import sys
import threading

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from dayspool.core.alarms import Standing
from dayspool.errors import AlarmUndelivered, PlanError
from dayspool.notify import Mqtt, Secret
from dayspool.notify.mqtt import node_of
from tests.notify.servers import CERTIFICATE, NOW, alarm, broker, free_port

pytestmark = pytest.mark.tools
NODE = node_of("harbour")
PASSWORD = "hunter-secret-2"


def stands(state="shooting", frames=7, problems=()):
    return Standing(
        state=state,
        frames=frames,
        gaps=2,
        last_frame_age_seconds=12.4,
        next_slot=NOW,
        battery=0.55,
        disk_free_bytes=10**9,
        problems=problems,
    )


class Listener:
    """Somebody who hears everything on a broker."""

    def __init__(self, port, **login):
        self.heard, self.arrived = {}, threading.Condition()
        self.client = Client(CallbackAPIVersion.VERSION2)
        if login:
            self.client.username_pw_set(**login)
        self.client.on_connect = lambda client, *_: client.subscribe("#", qos=1)
        self.client.on_message = self._hear
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()

    def _hear(self, _client, _data, message):
        with self.arrived:
            self.heard.setdefault(message.topic, []).append((message.payload.decode(), message.retain))
            self.arrived.notify_all()

    def wait_for(self, topic, test=lambda _: True):
        with self.arrived:
            found = self.arrived.wait_for(
                lambda: [text for text, _ in self.heard.get(topic, []) if test(text)], timeout=20
            )
            assert found, self.heard
            return found[0]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.disconnect()
        self.client.loop_stop()


def test_home_assistant_finds_the_shoot(tmp_path):
    with broker(tmp_path / "b") as port:
        mqtt = Mqtt(host="127.0.0.1", port=port)
        mqtt.show("harbour", stands(problems=("camera-lost",)))
        mqtt.deliver(alarm())
        with Listener(port) as late:  # who comes later gets what is retained
            state = json.loads(late.wait_for(f"dayspool/{NODE}/state"))
            assert late.wait_for(f"dayspool/{NODE}/available") == "online"
            gaps = json.loads(late.wait_for(f"homeassistant/sensor/dayspool_{NODE}/gaps/config"))
            problem = json.loads(late.wait_for(f"homeassistant/binary_sensor/dayspool_{NODE}/problem/config"))
            assert f"dayspool/{NODE}/alarm" not in late.heard
            mqtt.deliver(alarm())
            assert json.loads(late.wait_for(f"dayspool/{NODE}/alarm"))["kind"] == "camera-lost"
            mqtt.close()
            assert late.wait_for(f"dayspool/{NODE}/available", lambda text: text == "offline")
    assert (state["state"], state["frames"], state["gaps"], state["battery"]) == ("shooting", 7, 2, 55)
    assert (state["problem"], state["problems"]) == ("ON", ["camera-lost"])
    assert state["next_slot"] == "2026-06-01T12:00:00+00:00"
    assert gaps["state_topic"] == f"dayspool/{NODE}/state"
    assert gaps["value_template"] == "{{ value_json.gaps }}"
    assert gaps["availability_topic"] == f"dayspool/{NODE}/available"
    assert gaps["unique_id"] != problem["unique_id"]
    assert gaps["device"] == problem["device"]
    assert problem["device_class"] == "problem"


def test_an_alarm_alone_makes_no_device(tmp_path):
    """As `dayspool alarms --test` sends one: Home Assistant would keep the device for ever."""
    with broker(tmp_path / "b") as port, Listener(port) as listener:
        mqtt = Mqtt(host="127.0.0.1", port=port)
        mqtt.deliver(alarm())
        mqtt.close()
        listener.wait_for(f"dayspool/{NODE}/available", lambda text: text == "offline")
    assert [topic for topic in listener.heard if topic.startswith("homeassistant")] == []


def test_a_shoot_that_is_done_stays_to_be_seen(tmp_path):
    with broker(tmp_path / "b") as port:
        mqtt = Mqtt(host="127.0.0.1", port=port)
        mqtt.show("harbour", stands("done"))
        mqtt.close()
        with Listener(port) as late:
            assert json.loads(late.wait_for(f"dayspool/{NODE}/state"))["state"] == "done"
            assert late.wait_for(f"dayspool/{NODE}/available") == "online"


def test_the_last_will_tells_a_killed_process(tmp_path):
    code = (
        "import os,signal,sys\n"
        "from tests.notify.test_mqtt import Mqtt, stands\n"
        "Mqtt(host='127.0.0.1', port=int(sys.argv[1])).show('harbour', stands())\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    with broker(tmp_path / "b") as port, Listener(port) as listener:
        subprocess.run([sys.executable, "-c", code, str(port)], check=False)
        listener.wait_for(f"dayspool/{NODE}/available", lambda text: text == "online")
        listener.wait_for(f"dayspool/{NODE}/available", lambda text: text == "offline")


def test_a_broker_that_comes_back_without_memory_is_told_again(tmp_path):
    with broker(tmp_path / "b") as port:
        mqtt = Mqtt(host="127.0.0.1", port=port)
        mqtt.show("harbour", stands())
        (line,) = mqtt._lines.values()
        line.client.reconnect_delay_set(min_delay=1, max_delay=1)
    while line.client.is_connected():  # until the broken connection is noticed
        pass
    with pytest.raises(AlarmUndelivered, match="not connected"):
        mqtt.deliver(alarm())
    with broker(tmp_path / "b", port=port), Listener(port) as listener:
        assert json.loads(listener.wait_for(f"dayspool/{NODE}/state"))["frames"] == 7
        listener.wait_for(f"homeassistant/sensor/dayspool_{NODE}/frames/config")
        mqtt.deliver(alarm())
        mqtt.close()


def test_user_password_and_encryption(tmp_path):
    with broker(tmp_path / "b", users={"me": PASSWORD}, tls=True) as port:
        right = Mqtt(
            host="127.0.0.1", port=port, username="me", password=Secret(PASSWORD), tls=True, ca_file=CERTIFICATE
        )
        right.deliver(alarm())
        right.close()
        wrong = Mqtt(host="127.0.0.1", port=port, username="me", password=Secret("x"), tls=True, ca_file=CERTIFICATE)
        with pytest.raises(AlarmUndelivered, match="does not let us in"):
            wrong.deliver(alarm())


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_certificate_nobody_vouches_for_is_not_trusted(tmp_path):
    """Paho forgets to close the socket then (2.2.0, `_ssl_wrap_socket`), which the collector does at once."""
    with broker(tmp_path / "b", tls=True) as port:
        with pytest.raises(AlarmUndelivered, match="cannot be reached"):
            Mqtt(host="127.0.0.1", port=port, tls=True).deliver(alarm())
        gc.collect()


def test_nobody_there():
    with pytest.raises(AlarmUndelivered, match="cannot be reached"):
        Mqtt(host="127.0.0.1", port=free_port()).deliver(alarm())


@pytest.mark.parametrize("name", ["harbour", "a/b#c+d", "Ünïcode 写真", "", "x" * 500, "#"])
def test_a_name_cannot_leave_its_topic(name):
    node = node_of(name)
    assert node.isascii()
    assert not set("/#+ ") & set(node)
    assert len(node) < 60
    assert node_of(name + "!") != node


@pytest.mark.parametrize("options", [{"topic": "a/#"}, {"discovery": "+"}, {"port": 0}])
def test_mistakes(options):
    with pytest.raises(PlanError):
        Mqtt(host="h", **options)
