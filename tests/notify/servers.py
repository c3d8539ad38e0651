"""Real receivers on loopback for the tests of alarms: a web and a mail server that can misbehave, and a broker."""

from __future__ import annotations

import base64
import getpass
import http.server
import json
import shutil
import socket
import socketserver
import ssl
import subprocess
import threading
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from dayspool.core.alarm import Alarm, AlarmKind, Phase, Severity

CERTIFICATE = Path(__file__).with_name("localhost.pem")  # for localhost and 127.0.0.1, its key with it; of no other use
MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin")
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def alarm(title="harbour: camera lost", *, kind=AlarmKind.CAMERA_LOST, phase=Phase.BEGINS, severity=Severity.CRITICAL):
    return Alarm(
        kind=kind,
        phase=phase,
        severity=severity,
        shoot="harbour",
        since=NOW,
        utc=NOW,
        title=title,
        body="Since noon.\nLook at the camera — soon.",
    )


class WebServer(http.server.ThreadingHTTPServer):
    """Keeps what is posted; `answers` are (status, headers, body) or a function of the handler, the last for ever."""

    def __init__(self, *answers):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = list(answers) or [(200, {}, b"{}")]
        self.posted = []
        self.arrived = threading.Condition()
        self.release = threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def wait_for(self, count, seconds=20):
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.posted) >= count, seconds), self.posted
            return [json.loads(body) for _, _, body in self.posted]

    def handle_error(self, *_):
        pass


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        server = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with server.arrived:
            answer = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
            server.posted.append((self.path, dict(self.headers), body))
            server.arrived.notify_all()
        if callable(answer):
            answer(self)
            return
        status, headers, content = answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@contextmanager
def running(server):
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        if hasattr(server, "release"):
            server.release.set()
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def web(*answers):
    with running(WebServer(*answers)) as server:
        yield server


class MailServer(socketserver.ThreadingTCPServer):
    """Takes mail as RFC 5321 says; `security` as in the settings, `replies` replaces answers by command."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, *, security="plain", users=None, replies=None):
        super().__init__(("127.0.0.1", 0), _Mailman)
        self.security, self.users, self.replies = security, users or {}, replies or {}
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(CERTIFICATE)
        self.mails, self.encrypted, self.logins = [], [], []

    def handle_error(self, *_):
        pass


class _Mailman(socketserver.BaseRequestHandler):
    def handle(self):
        with suppress(OSError):
            try:
                self._serve()
            finally:
                self.line.close()

    def _serve(self):
        server = self.server
        self.line, self.safe = self.request, False
        if server.security == "tls":
            self._encrypt()
        self.file = self.line.makefile("rb")
        self.to, self.user = [], None
        self._say("220 localhost ready")
        while words := self.file.readline().decode().strip():
            verb, _, rest = words.partition(" ")
            verb = verb.upper()
            if verb in server.replies:
                self._say(server.replies[verb])
            elif verb == "EHLO":
                offers = ["AUTH PLAIN"] if server.users else []
                offers += ["STARTTLS"] if server.security == "starttls" and not self.safe else []
                for offer in ("localhost", *offers):
                    self._say(f"250-{offer}")
                self._say("250 8BITMIME")
            elif verb == "STARTTLS":
                self._say("220 go ahead")
                self.file.close()
                self._encrypt()
                self.file = self.line.makefile("rb")
            elif verb == "AUTH":
                _, user, password = base64.b64decode(rest.split()[1]).decode().split("\0")
                server.logins.append(user)
                good = server.users.get(user) == password
                self._say("235 welcome" if good else f"535 wrong password {password} for {user}")
            elif verb == "RCPT":
                self.to.append(rest)
                self._say("250 ok")
            elif verb == "DATA":
                self._say("354 go on")
                lines = []
                while (line := self.file.readline()) != b".\r\n":
                    lines.append(line)
                server.mails.append((tuple(self.to), b"".join(lines)))
                server.encrypted.append(self.safe)
                self._say("250 kept")
            elif verb == "QUIT":
                self._say("221 bye")
                break
            else:
                self._say("250 ok")
        self.file.close()

    def _encrypt(self):
        self.line = self.server.context.wrap_socket(self.line, server_side=True)
        self.safe = True

    def _say(self, text):
        self.line.sendall(f"{text}\r\n".encode())


@contextmanager
def mail(**options):
    with running(MailServer(**options)) as server:
        yield server


@contextmanager
def broker(folder, *, users=None, tls=False, port=None):
    """Run mosquitto on a free port of loopback; yield the port."""
    assert MOSQUITTO is not None, "mosquitto is not installed: apt install mosquitto"
    folder.mkdir(exist_ok=True)
    port = port or free_port()
    # started by root it would give up root's rights, and could not read these files
    lines = [
        f"user {getpass.getuser()}",
        f"listener {port} 127.0.0.1",
        "persistence false",
        f"allow_anonymous {'false' if users else 'true'}",
    ]
    if users:
        passwords = folder / "passwords"
        for name, password in users.items():
            subprocess.run([shutil.which("mosquitto_passwd"), "-c", "-b", passwords, name, password], check=True)
        lines.append(f"password_file {passwords}")
    if tls:
        lines += [f"certfile {CERTIFICATE}", f"keyfile {CERTIFICATE}"]
    (folder / "mosquitto.conf").write_text("\n".join(lines) + "\n")
    argv = [MOSQUITTO, "-c", folder / "mosquitto.conf"]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        drain = None
        try:
            for line in process.stderr:  # it is ready when it says that it runs
                if b"running" in line:
                    break
            else:
                raise RuntimeError(f"mosquitto did not start: {(folder / 'mosquitto.conf').read_text()}")
            drain = threading.Thread(target=process.stderr.read)
            drain.start()
            yield port
        finally:
            process.terminate()
            process.wait(timeout=10)
            if drain is not None:
                drain.join()


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]
