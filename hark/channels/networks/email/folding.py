"""What was written now, and what only came along: the quoted history and the signature. Nothing is thrown away."""

from __future__ import annotations

import re

# “On … wrote:” in the languages of the big clients; a line, or two when the client broke it.
WROTE = re.compile(
    r"^(on|am|le|el|il|em|op|den|dne|w dniu|dnia|på|pe)\b.{4,300}"
    r"(wrote|schrieb|a écrit|escribió|ha scritto|escreveu|schreef|skrev|napsal|napisał\(?a?\)?|kirjoitti)\b.{0,80}:\s*$",
    re.IGNORECASE,
)
LINE = re.compile(
    r"^\s*(-{2,}\s*(original message|forwarded message|ursprüngliche nachricht|weitergeleitete nachricht|message d'origine|"
    r"mensaje original|mensagem original|messaggio originale|oorspronkelijk bericht|oprindelig meddelelse)\s*-{2,}|_{20,}|"
    r"begin forwarded message:)\s*$",
    re.IGNORECASE,
)
HEAD = re.compile(r"^\*?(from|von|de|da|van|från|fra)\s*:\*?\s.+@.+", re.IGNORECASE)
SIGNATURE = re.compile(
    r"^-- ?$|^(sent from my|gesendet von meinem|envoyé de mon|enviado (desde|do) m[ie]u?)\b.{0,60}$", re.I
)
FORWARDED = re.compile(r"^\s*(fwd?|wg|tr|rv|enc|i)\s*:", re.IGNORECASE)


def fold(text: str, *, subject: str = "") -> tuple[str, str]:
    """(what was written, what is folded away). When nothing would be left, as in a forwarded letter, nothing is folded."""
    lines = text.split("\n")
    if FORWARDED.match(subject):
        return text, ""
    end = next((at for at in range(len(lines)) if _begins(lines, at)), len(lines))
    while end and (not lines[end - 1].strip() or lines[end - 1].startswith(">")):
        end -= 1
    said = "\n".join(lines[:end]).strip()
    if not re.sub(r"^>.*$", "", said, flags=re.MULTILINE).strip():
        return text, ""
    return said, "\n".join(lines[end:]).strip()


def _begins(lines: list[str], at: int) -> bool:
    line = lines[at].strip("\u200e\u200f ")
    if SIGNATURE.match(lines[at].rstrip("\n")) or LINE.match(line) or WROTE.match(line):
        return True
    if at + 1 < len(lines) and line and WROTE.match(f"{line} {lines[at + 1].strip()}"):
        return True
    if HEAD.match(line) and at + 2 < len(lines):  # Outlook: a block of header lines, no mark before it
        return sum(bool(re.match(r"^\*?[\w-]{2,20}\s*:", one.strip())) for one in lines[at + 1 : at + 4]) >= 2
    return line.startswith(">") and all(not one.strip() or one.startswith(">") for one in lines[at:])
