"""Rows of a CSV or NDJSON file, plain or gzipped, each with the number of the line on which it starts."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

FIELD_LIMIT = 1_000_000  # characters; an opened quote that is never closed must not eat the file
DELIMITERS = (",", ";", "\t", "|")
MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16", codecs.BOM_UTF8: "utf-8-sig"}


class NotASource(Exception):
    """The file can't be read at all, or not further; the text says why."""


class Row(NamedTuple):
    """`values` is None for a row that can't be read; `problem` then says why and `raw` shows it."""

    line: int
    values: Mapping[str, str] | None
    problem: str = ""
    raw: str = ""


class Source:
    """An opened file. `header` is known at once; `rows()` may be asked for once."""

    def __init__(self, path: Path, *, encoding: str = "", delimiter: str = "", kind: str = "") -> None:
        """`kind`: csv or ndjson, else by the file's name. Raises NotASource."""
        self.path = path
        names = path.name.lower().removesuffix(".gz")
        self.kind = kind or ("ndjson" if names.endswith((".ndjson", ".jsonl", ".json")) else "csv")
        try:
            self.size_bytes = path.stat().st_size
            self._file = path.open("rb")
            stream: Any = (
                gzip.GzipFile(fileobj=self._file) if path.name.lower().endswith(".gz") else self._file
            )
            start = stream.peek(4)[:4] if hasattr(stream, "peek") else b""
            marked = next((name for mark, name in MARKS.items() if start.startswith(mark)), "")
            name = marked or encoding or "utf-8"
            codecs.lookup(name)
            self._lines = _Lines(
                io.TextIOWrapper(stream, encoding=name, errors="surrogateescape", newline="")
            )
            self._open(delimiter)
        except OSError as problem:
            raise NotASource(f"{path}: {problem.strerror or problem}") from None
        except (LookupError, UnicodeError, EOFError, zlib.error, csv.Error) as problem:
            raise NotASource(f"{path}: {problem}") from None

    @property
    def done_bytes(self) -> int:
        """How far into the file (as it lies on the disk) reading has come."""
        return self._file.tell()

    def close(self) -> None:
        self._file.close()

    def rows(self) -> Iterator[Row]:
        """Every row, good or bad. Raises NotASource where the file breaks off."""
        reading = self._ndjson() if self.kind == "ndjson" else self._csv()
        while True:
            try:
                yield next(reading)
            except StopIteration:
                return
            except (OSError, EOFError, zlib.error, UnicodeError) as problem:
                raise NotASource(
                    f"{self.path}: can't be read after line {self._lines.number}: {problem}"
                ) from None

    def _open(self, delimiter: str) -> None:
        first = self._lines.ahead()
        if not first.strip():
            raise NotASource(f"{self.path}: the file is empty.")
        if self.kind == "ndjson":
            self.delimiter = ""
            row = _row_of(1, first)
            self.header = list(row.values or {})
            return
        self.delimiter = delimiter or max(DELIMITERS, key=first.count)
        csv.field_size_limit(FIELD_LIMIT)
        self._reader = csv.reader(self._lines, delimiter=self.delimiter)
        self.header = [name.strip() for name in next(self._reader)]
        if len(set(self.header)) < len(self.header):
            raise NotASource(f"{self.path}: two columns have the same name.")

    def _csv(self) -> Iterator[Row]:
        while True:
            line = self._lines.number + 1
            try:
                fields = next(self._reader)
            except StopIteration:
                return
            except csv.Error as problem:
                yield Row(line, None, str(problem))
                continue
            if not fields:
                continue
            if len(fields) != len(self.header):
                problem_text = f"it has {len(fields)} columns instead of {len(self.header)}"
                yield Row(line, None, problem_text, self.delimiter.join(fields))
            else:
                yield _checked(Row(line, dict(zip(self.header, fields, strict=True))))

    def _ndjson(self) -> Iterator[Row]:
        for text in self._lines:
            if text.strip():
                yield _checked(_row_of(self._lines.number, text))


class _Lines:
    """Lines of a text, counted, with a look ahead at the first."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self.text = text
        self.number = 0
        self._first: str | None = None

    def ahead(self) -> str:
        self._first = self.text.readline()
        return self._first

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self.text.readline() if self._first is None else self._first
        self._first = None
        if not line:
            raise StopIteration
        self.number += 1
        return line


def _row_of(line: int, text: str) -> Row:
    try:
        found = msgspec.json.decode(text.encode("utf-8", "surrogateescape"), type=dict[str, Any])
        return Row(line, dict(_flat(found)))
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as problem:
        return Row(line, None, f"not a JSON object: {problem}", text)


def _flat(value: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Nested objects by dotted names: {"user": {"id": 7}} has the column "user.id"."""
    for name, inner in value.items():
        if isinstance(inner, Mapping):
            yield from _flat(inner, f"{before}{name}.")
        elif isinstance(inner, str):
            yield before + name, inner
        else:
            yield before + name, "" if inner is None else msgspec.json.encode(inner).decode()


def _checked(row: Row) -> Row:
    """A row whose bytes are not of the encoding that was declared is a bad one."""
    if row.values is None:
        return row
    for column, value in row.values.items():
        if not value.isascii() and any("\udc80" <= character <= "\udcff" for character in value):
            return Row(
                row.line, None, f"“{column}” is not in the encoding of the file", str(dict(row.values))
            )
    return row
