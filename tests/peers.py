"""Real server software of other people, started on loopback: each in a private folder, on ports of its own.

The AT Protocol network (PLC directory, PDS, AppView; its direct message service is a stand-in) and an OpenID provider
come from npm packages in the folder that `hark.ops.testing.peers_folder` finds. Leaving a peer stops exactly what it
started. PEERS_KEEP=1 keeps the folders for a look at the logs; PEERS_NODE names another Node.
"""

from __future__ import annotations

import contextlib
import getpass
import grp
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest

from hark.ops.testing import lacking, peers_folder

ROOT = os.geteuid() == 0
START_SECONDS = 120


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_port(port: int, process: subprocess.Popen[bytes], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode} before it listened")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
            return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on 127.0.0.1:{port} after {seconds} s")


def tool(name: str) -> str:
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not found:
        raise FileNotFoundError(f"{name} is not installed")
    return found


class Peer:
    """A private folder and the processes started in it. `info` says where to reach them."""

    name = "peer"

    def __init__(self) -> None:
        self.processes: list[subprocess.Popen[bytes]] = []
        self.folder = Path()
        self.info: dict[str, Any] = {}

    def start(self) -> None:
        raise NotImplementedError

    def spawn(
        self, *command: str | Path, user: str = "", env: dict[str, str] | None = None, stdout: Any = None
    ) -> subprocess.Popen[bytes]:
        options: dict[str, Any] = {}
        if user and ROOT:
            who = pwd.getpwnam(user)
            options = {
                "user": who.pw_uid,
                "group": who.pw_gid,
                "extra_groups": os.getgrouplist(user, who.pw_gid),
            }
        with (self.folder / f"{self.name}.log").open("ab") as log:
            process = subprocess.Popen(
                [str(part) for part in command], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=stdout or log,
                stderr=log, env={**os.environ, **(env or {})}, start_new_session=True, **options,
            )  # fmt: skip
        self.processes.append(process)
        return process

    def stop(self, process: subprocess.Popen[bytes], number: int = signal.SIGTERM, grace: float = 8) -> None:
        if process.poll() is None:
            process.send_signal(number)
            try:
                process.wait(grace)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix=f"peer-{self.name}-"))
        self.folder.chmod(0o755)
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self.processes):
            self.stop(process)
        if not os.environ.get("PEERS_KEEP"):
            shutil.rmtree(self.folder, ignore_errors=True)


class Postgres(Peer):
    """A throw-away cluster, durability off. info: url."""

    name = "postgres"

    def start(self) -> None:
        programs = max(
            Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), default=None
        )
        if programs is None:
            raise FileNotFoundError("postgresql is not installed")
        user = "postgres" if ROOT else getpass.getuser()
        if ROOT:
            shutil.chown(self.folder, user)
        data = self.folder / "data"
        made = self.spawn(
            programs / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8",
            "--no-sync", user=user,
        )  # fmt: skip
        if made.wait(60):
            raise RuntimeError((self.folder / "postgres.log").read_text())
        port = free_port()
        options = {
            "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off",
            "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200",
        }  # fmt: skip
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        wait_port(port, self.spawn(programs / "postgres", "-D", data, "-p", str(port), *settings, user=user))
        self.info = {"url": f"postgresql://postgres@127.0.0.1:{port}"}
        self._psql = programs / "psql"
        self.sql("select 1")

    def sql(self, text: str) -> str:
        done = None
        for _ in range(100):  # "the database system is starting up"
            done = subprocess.run(
                [self._psql, "-qAtX", "-d", self.info["url"] + "/postgres", "-c", text],
                capture_output=True,
                text=True,
            )
            if "starting up" not in done.stderr:
                break
            time.sleep(0.1)
        if done is None or done.returncode:
            raise RuntimeError(done.stderr if done else "no answer")
        return done.stdout.strip()

    def database(self, name: str) -> str:
        self.sql(f'create database "{name}"')
        return f"{self.info['url']}/{name}"

    def stop(self, process: subprocess.Popen[bytes], number: int = signal.SIGINT, grace: float = 8) -> None:
        super().stop(process, signal.SIGINT, grace)  # a fast shutdown


class Redis(Peer):
    """info: hostport."""

    name = "redis"

    def start(self) -> None:
        port = free_port()
        process = self.spawn(
            tool("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
            "--dir", self.folder,
        )  # fmt: skip
        wait_port(port, process)
        self.info = {"hostport": f"127.0.0.1:{port}"}


class NodePeer(Peer):
    """A script that prints one line of JSON when it is ready."""

    script = ""

    def run(self, env: dict[str, str], *arguments: str) -> dict[str, Any]:
        home = peers_folder()
        if home is None or not (home / self.name / "node_modules").is_dir():
            raise FileNotFoundError(f"the npm packages of {self.name}")
        node = os.environ.get("PEERS_NODE") or tool("node")
        process = self.spawn(
            node, home / self.name / self.script, *arguments, env=env, stdout=subprocess.PIPE
        )
        got: list[bytes] = []
        done = threading.Event()

        def read() -> None:
            for line in process.stdout or ():
                if not got and b'"ready":true' in line:
                    got.append(line)
                    done.set()
            done.set()

        threading.Thread(target=read, daemon=True).start()
        done.wait(START_SECONDS)
        if not got:
            raise RuntimeError((self.folder / f"{self.name}.log").read_text()[-4000:] or "it did not start")
        found: dict[str, Any] = json.loads(got[0])
        return found


class Atproto(NodePeer):
    """A whole AT Protocol network. info: pds, appview, plc, chat, firehose, control."""

    name = "atproto"
    script = "network.mjs"

    def __init__(self, postgres: Postgres, redis: Redis, *, rate_limits: bool = False) -> None:
        super().__init__()
        self.postgres, self.redis, self.rate_limits = postgres, redis, rate_limits

    def start(self) -> None:
        self.info = self.run(
            {
                "PORT_BASE": str(_port_block()),
                "TMPDIR": str(self.folder),
                "PDS_RATE_LIMITS": "1" if self.rate_limits else "",
                "DB_POSTGRES_URL": self.postgres.database(f"atproto_{time.time_ns()}"),
                "REDIS_HOST": self.redis.info["hostport"],
            }
        )

    def control(self, path: str, body: Any = None) -> Any:
        """`/index/stop` and `/index/start` (the AppView), `/chat/fault` (what the next direct message calls get)."""
        content = json.dumps(body).encode() if body is not None else b""
        request = urllib.request.Request(self.info["control"] + path, method="POST", data=content)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def settle(self) -> None:
        """Return once the AppView has indexed everything the PDS emitted."""
        self.control("/settle")


class Oidc(NodePeer):
    """An OpenID provider. info: issuer, discovery, users. Client hark / hark-secret; any password."""

    name = "oidc"
    script = "provider.mjs"

    def __init__(self, redirect_uris: str, accounts: dict[str, Any] | None = None) -> None:
        super().__init__()
        self.redirect_uris, self.accounts = redirect_uris, accounts

    def start(self) -> None:
        env = {"PORT": str(free_port()), "REDIRECT_URIS": self.redirect_uris}
        if self.accounts is not None:
            env["ACCOUNTS"] = json.dumps(self.accounts)
        self.info = self.run(env)


class Mail(Peer):
    """Dovecot (IMAP with IDLE, LMTP) and, as root, Postfix in front of it: any of `users` can be mailed, nothing leaves.

    What goes to gone@mail.test is taken by Postfix, refused by Dovecot, and so comes back with a report.

    info: host, imap_port (STARTTLS), imaps_port, lmtp_port, smtp_port (STARTTLS; None without Postfix), ca_file, users.
    """

    name = "mail"

    def __init__(self, *addresses: str) -> None:
        super().__init__()
        self.users = {address: f"pw-{address}" for address in addresses}
        self.smtp = ROOT

    def start(self) -> None:
        d = self.folder
        cert, key = d / "cert.pem", d / "key.pem"
        subprocess.run(
            [
                tool("openssl"),
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=DNS:localhost,IP:127.0.0.1",
                "-addext",
                "basicConstraints=critical,CA:TRUE",
                "-keyout",
                key,
                "-out",
                cert,
            ],
            check=True,
            capture_output=True,
        )
        imap, imaps, lmtp, auth, smtp = (free_port() for _ in range(5))
        me = getpass.getuser()
        if ROOT:
            login, internal, group = "dovenull", "dovecot", "dovecot"
            owner = pwd.getpwnam("mail")
        else:
            login = internal = me
            group = grp.getgrgid(os.getegid()).gr_name
            owner = pwd.getpwuid(os.geteuid())
        (d / "maildirs").mkdir()
        if ROOT:
            os.chown(d / "maildirs", owner.pw_uid, owner.pw_gid)
        self.passwords({})
        no_chroot = "" if ROOT else "  chroot =\n"
        (d / "dovecot.conf").write_text(f"""\
base_dir = {d}/run
state_dir = {d}/run
log_path = {d}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
first_valid_uid = 1
ssl = yes
ssl_cert = <{cert}
ssl_key = <{key}
disable_plaintext_auth = yes
auth_mechanisms = plain login
mail_location = maildir:{d}/maildirs/%u
imap_idle_notify_interval = 20 s
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {d}/users
}}
userdb {{
  driver = static
  args = uid={owner.pw_uid} gid={owner.pw_gid} home={d}/maildirs/%u allow_all_users=no
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    auto = subscribe
    special_use = \\Sent
  }}
  mailbox Junk {{
    auto = subscribe
    special_use = \\Junk
  }}
}}
service imap-login {{
{no_chroot}  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service anvil {{
{no_chroot}}}
service stats {{
{no_chroot}}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = {auth}
  }}
}}
""")
        self._dovecot(imaps, lmtp)
        if self.smtp:
            self._postfix(smtp, lmtp, auth, cert, key)
        self.info = {
            "host": "localhost",
            "imap_port": imap,
            "imaps_port": imaps,
            "lmtp_port": lmtp,
            "smtp_port": smtp if self.smtp else None,
            "ca_file": str(cert),
            "domain": "mail.test",
            "users": self.users,
        }

    def _dovecot(self, imaps: int, lmtp: int) -> None:
        self.dovecot = self.spawn(tool("dovecot"), "-F", "-c", self.folder / "dovecot.conf")
        wait_port(imaps, self.dovecot)
        wait_port(lmtp, self.dovecot)

    def passwords(self, changed: dict[str, str]) -> None:
        """What opens the mailboxes from now on; Dovecot sees it within a second."""
        held = {**self.users, **changed}
        fresh = self.folder / "users.new"
        fresh.write_text("".join(f"{user}:{{PLAIN}}{password}\n" for user, password in held.items()))
        fresh.chmod(0o644)
        fresh.replace(self.folder / "users")

    def has_delivered(self) -> bool:
        """No letter is under way inside Postfix: not even one that it tries again later."""
        spool = self.folder / "spool"
        return not any(
            path.is_file()
            for box in ("maildrop", "incoming", "active", "deferred")
            for path in (spool / box).rglob("*")
        )

    @contextlib.contextmanager
    def stopped(self) -> Iterator[None]:
        """Both servers are really down, as in a restart that takes its time. What Postfix had taken is still in its spool."""
        self._stop_postfix()
        self.stop(self.dovecot)
        try:
            yield
        finally:
            self._dovecot(self.info["imaps_port"], self.info["lmtp_port"])
            self._start_postfix(self.info["smtp_port"])

    def _postfix(self, smtp: int, lmtp: int, auth: int, cert: Path, key: Path) -> None:
        etc, spool, data = self.folder / "postfix", self.folder / "spool", self.folder / "pfdata"
        for x in (etc, spool, data):
            x.mkdir()
        shutil.chown(data, "postfix")
        domains = sorted({u.split("@")[1] for u in self.users})
        (etc / "boxes").write_text("".join(f"{u} x\n" for u in [*self.users, "gone@mail.test"]))
        (etc / "main.cf").write_text(f"""\
compatibility_level = 3.6
queue_directory = {spool}
data_directory = {data}
mail_owner = postfix
setgid_group = postdrop
myhostname = mail.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks =
maillog_file = {self.folder}/postfix.log
maillog_file_prefixes = {self.folder}
virtual_mailbox_domains = {" ".join(domains)}
virtual_mailbox_maps = texthash:{etc}/boxes
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
default_transport = error:no mail leaves this test server
relay_transport = error:no mail leaves this test server
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{auth}
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_tls_cert_file = {cert}
smtpd_tls_key_file = {key}
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
message_size_limit = 26214400
recipient_delimiter = +
queue_run_delay = 5s
minimal_backoff_time = 5s
maximal_backoff_time = 10s
biff = no
alias_maps =
local_recipient_maps =
""")
        rows = [
            "cleanup unix n - n - 0 cleanup",
            "qmgr unix n - n 300 1 qmgr",
            "tlsmgr unix - - n 1000? 1 tlsmgr",
            "rewrite unix - - n - - trivial-rewrite",
            "bounce unix - - n - 0 bounce",
            "defer unix - - n - 0 bounce",
            "trace unix - - n - 0 bounce",
            "verify unix - - n - 1 verify",
            "flush unix n - n 1000? 0 flush",
            "proxymap unix - - n - - proxymap",
            "error unix - - n - - error",
            "retry unix - - n - - error",
            "discard unix - - n - - discard",
            "lmtp unix - - n - - lmtp",
            "anvil unix - - n - 1 anvil",
            "scache unix - - n - 1 scache",
            "postlog unix-dgram n - n - 1 postlogd",
            "pickup unix n - n 60 1 pickup",
            f"127.0.0.1:{smtp} inet n - n - - smtpd",
        ]
        (etc / "master.cf").write_text("\n".join(rows) + "\n")
        self._start_postfix(smtp)

    def _start_postfix(self, smtp: int) -> None:
        self.postfix = self.spawn(tool("postfix"), "-c", self.folder / "postfix", "start-fg")
        wait_port(smtp, self.postfix)

    def _stop_postfix(self) -> None:
        """Postfix's master leaves the session it was started in; it must be told itself."""
        pidfile = self.folder / "spool" / "pid" / "master.pid"
        if pidfile.exists():
            with contextlib.suppress(ValueError, ProcessLookupError, subprocess.TimeoutExpired):
                os.kill(int(pidfile.read_text()), signal.SIGTERM)
                self.postfix.wait(30)

    def __exit__(self, *_: object) -> None:
        self._stop_postfix()
        super().__exit__()


def _port_block() -> int:
    """The first of twenty ports of which the network's are free."""
    for base in range(21000, 29000, 20):
        with contextlib.ExitStack() as held:
            try:
                for number in (0, 2, 3, 4, 7, 10):
                    found = held.enter_context(socket.socket())
                    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    found.bind(("127.0.0.1", base + number))
            except OSError:
                continue
            return base
    raise RuntimeError("no free ports")


@pytest.fixture(scope="session")
def stores() -> Iterator[tuple[Postgres, Redis]]:
    """What the AT Protocol network keeps its own things in."""
    try:
        with Postgres() as postgres, Redis() as redis:
            yield postgres, redis
    except (FileNotFoundError, KeyError) as problem:
        lacking(f"a peer’s software ({problem})")


@pytest.fixture(scope="session")
def atproto(stores: tuple[Postgres, Redis]) -> Iterator[Atproto]:
    """The network, started once a run; every test makes fresh accounts on it."""
    with _network(Atproto(*stores)) as network:
        yield network


@pytest.fixture(scope="session")
def mail_servers() -> Iterator[Mail]:
    """Started once a run."""
    peer = Mail(*(f"{who}{number}@mail.test" for who in ("care", "maya") for number in range(99)))
    try:
        peer.__enter__()
    except (FileNotFoundError, KeyError) as problem:
        lacking(f"a peer’s software ({problem})")
    if peer.info["smtp_port"] is None:
        peer.__exit__()
        lacking("the rights to start Postfix (run as root)")
    yield peer
    peer.__exit__()


@pytest.fixture
def mail(mail_servers: Mail, monkeypatch: pytest.MonkeyPatch) -> Mail:
    """Ternway's mail servers, reachable for Hark; every test takes fresh addresses (`letters.py`)."""
    monkeypatch.setenv("HARK_ALLOW_PRIVATE", "localhost")
    monkeypatch.setenv("HARK_CA_FILE", mail_servers.info["ca_file"])
    return mail_servers


@pytest.fixture
def strict_atproto(stores: tuple[Postgres, Redis]) -> Iterator[Atproto]:
    """A network of its own whose server enforces its rate limits."""
    with _network(Atproto(*stores, rate_limits=True)) as network:
        yield network


@contextlib.contextmanager
def _network(network: Atproto) -> Iterator[Atproto]:
    """Started, and reachable for Hark, which refuses loopback otherwise."""
    try:
        network.__enter__()
    except FileNotFoundError as problem:
        lacking(f"a peer’s software ({problem})")
    before = {name: os.environ.get(name) for name in ("HARK_ALLOW_PRIVATE", "HARK_BLUESKY_PLC")}
    os.environ["HARK_ALLOW_PRIVATE"] = "localhost"
    os.environ["HARK_BLUESKY_PLC"] = network.info["plc"]
    try:
        yield network
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.__setitem__(name, value)
        network.__exit__()
