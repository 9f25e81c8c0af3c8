"""Lines of vCalendar 1.0, which phones write into .vcs files: quoted-printable with soft breaks."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.shared.charsets import codec_of, damaged_utf8, quoted_printable
from connectors.shared.content_lines import Line, name_of

_MARK = "QUOTED-PRINTABLE"
QP_MARKS = (_MARK, _MARK.lower(), _MARK.capitalize())
_OWN = ("ENCODING", "CHARSET", _MARK)


def decoded(lines: Iterator[Line]) -> Iterator[Line]:
    """The lines with quoted-printable ones joined and decoded. The others stay as they are."""
    waiting: list[Line] = []
    for line in lines:
        if waiting and name_of(line.text) in ("BEGIN", "END"):
            yield _joined(waiting)
            waiting = []
        if waiting or _MARK in line.text.partition(":")[0].upper():
            waiting.append(line)
            if not line.text.rstrip().endswith("="):
                yield _joined(waiting)
                waiting = []
        else:
            yield line
    if waiting:
        yield _joined(waiting)


def _joined(lines: list[Line]) -> Line:
    texts = [line.text.rstrip() for line in lines]
    text = "".join(text.removesuffix("=") for text in texts)
    head, _, value = text.partition(":")
    name, *parameters = head.split(";")
    charset = next((item.partition("=")[2] for item in parameters if item.upper().startswith("CHARSET=")), "")
    data = quoted_printable(value.encode())
    try:
        value = data.decode(codec_of(charset) or "utf-8")
    except UnicodeDecodeError:
        value = damaged_utf8(data) or data.decode("cp1252", "replace")
    others = (item for item in parameters if item.partition("=")[0].strip().upper() not in _OWN)
    value = value.replace("\r\n", "\n").replace("\n", "\\n")
    return Line(lines[0].number, f"{';'.join((name, *others))}:{value}", lines[0].raw)
