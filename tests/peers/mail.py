"""Dovecot and Postfix."""

from __future__ import annotations

import contextlib
import getpass
import grp
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hark.ops.testing import lacking

from .peer import ROOT, Peer, free_port, tool, wait_port


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
