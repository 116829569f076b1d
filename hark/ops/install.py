"""install.py VENV LOCK STAMP: a virtual environment with exactly what LOCK names, and the `hark` command in it.

Does nothing, and says nothing, when that very lock was installed last. Standard library only, and written so that an
old Python can still read it and say that it is too old.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

OLDEST = (3, 11)
MOST_AT_ONCE = 4
BEGUN = "Collecting "  # how pip begins to tell of a package
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LAUNCHER = """#!/bin/sh
exec "$(dirname "$(readlink -f "$0")")/python" -P -m hark.ops "$@"
"""


def main(venv, lock, name):
    stamp, python = os.path.join(venv, "." + name), os.path.join(venv, "bin", "python")
    with open(lock, "rb") as file:
        content = file.read()
    wanted = hashlib.sha256(content).hexdigest()
    if read(stamp) == wanted and read(os.path.join(venv, ".root")) == ROOT and fits(python):
        os.utime(stamp)
        return
    if read(os.path.join(venv, ".root")) != ROOT or not fits(python):
        make_venv(venv)
    install(venv, python, lock, content)
    add_command(venv, python)
    for path, text in ((os.path.join(venv, ".root"), ROOT), (stamp, wanted)):
        with open(path, "w") as file:
            file.write(text)


def make_venv(venv):
    """By the newest fitting Python there is; a half-made one is made anew."""
    places = [sys.executable] + ["python3.%d" % minor for minor in (14, 13, 12, 11)]
    python = next((place for place in places if fits(place)), None)
    if python is None:
        sys.exit(
            "Hark needs Python %d.%d or newer; %s is %d.%d, and no newer one was found.\n"
            "Install one (Debian and Ubuntu: apt install python3 python3-venv), or name it: "
            "make run PYTHON=/path/to/python3.12" % (OLDEST + (sys.executable,) + sys.version_info[:2])
        )
    print("Creating %s with %s …" % (venv, python), flush=True)
    shutil.rmtree(venv, ignore_errors=True)
    made = subprocess.run(
        [python, "-m", "venv", venv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if made.returncode:
        shutil.rmtree(venv, ignore_errors=True)
        told = made.stdout.decode(errors="replace").strip()
        sys.exit(
            "%s\nThe virtual environment can't be created (Debian and Ubuntu: apt install python3-venv)."
            % told
        )


def install(venv, python, lock, content):
    """One moving line in place of pip's hundreds, which are kept in install.log.

    Half of pip's time goes by while it reads what the index offers: so one for each processor takes its share.
    """
    packages = re.findall(rb"(?m)^[A-Za-z0-9].*==(?:.|\n(?![A-Za-z0-9#]))*", content)
    print("Installing %d packages from %s …" % (len(packages), lock), flush=True)
    many = min(os.cpu_count() or 1, MOST_AT_ONCE)
    said, turn, here = [], threading.Lock(), sys.stdout.isatty()

    def heard(line):
        with turn:
            said.append(line)
            seen = sum(line.startswith(BEGUN) for line in said)
            if line.startswith(BEGUN) and (here or seen % 20 == 0):
                show("%d of %d: %s" % (seen, len(packages), line[len(BEGUN) :].split("==")[0]), here)
            elif line.startswith("Installing collected") and here:
                show("unpacking …", here)

    with ThreadPoolExecutor(many) as pool:
        codes = list(
            pool.map(lambda number: run_pip(venv, python, number, packages[number::many], heard), range(many))
        )
    if here:
        sys.stdout.write("\r\033[K")
    path = os.path.join(venv, "install.log")
    with open(path, "w") as log:
        log.writelines(said)
    if any(codes):
        tail = [line.rstrip() for line in said if line.startswith(("ERROR", "error"))] or ["See " + path]
        sys.exit(
            "\n".join(tail[-5:]) + "\nThe packages can't be installed; all that pip said is in %s." % path
        )


def run_pip(venv, python, number, packages, heard):
    """Its exit code. Shares are independent: the lock names every package, so nothing is left to resolve."""
    lock = os.path.join(venv, ".lock-%d" % number)
    with open(lock, "wb") as file:
        file.write(b"\n".join(packages) + b"\n")
    running = subprocess.Popen(
        [python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
        # What is used is compiled when it is first used.
        + ["--require-hashes", "--no-deps", "--no-compile", "-r", lock],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        universal_newlines=True,
        errors="replace",
    )
    for line in running.stdout:
        heard(line)
    code = running.wait()
    os.remove(lock)
    return code


def show(text, here):
    sys.stdout.write("\r\033[K  " + text[:76] if here else "  " + text + "\n")
    sys.stdout.flush()


def add_command(venv, python):
    """Hark runs from this very tree: no build, no network, and a `git pull` is an update."""
    answer = subprocess.check_output([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"])
    with open(os.path.join(answer.decode().strip(), "hark.pth"), "w") as file:
        file.write(ROOT + "\n")
    launcher = os.path.join(venv, "bin", "hark")
    with open(launcher, "w") as file:
        file.write(LAUNCHER)
    os.chmod(launcher, 0o755)  # noqa: S103  a command is for everybody


def fits(python):
    code = "import sys, ensurepip; sys.exit(sys.version_info < %r)" % (OLDEST,)
    try:
        return subprocess.run([python, "-c", code], stderr=subprocess.DEVNULL, check=False).returncode == 0
    except OSError:
        return False


def read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
