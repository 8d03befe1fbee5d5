"""A census file as a stream: its header, then one child after the other, in memory that does not grow with the file.

The parser is told when elements begin and end and never builds a tree of the file. A document type, and with it every
entity of its own, is refused where it is declared. What the form does not know is passed over and counted by name.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from whatworked.errors import Mistake, RecordsError
from whatworked.records.cin_items import CENSUS, ITEM, UNUSED, Form

CHUNK = 1 << 16
# A text that is longer than any item of the census stands as this, which no XML can hold.
OVERLONG = "\0"
LONGEST_TEXT = 1_000
LONGEST_TOKEN = 1 << 20
DEEPEST = 100
MOST_HELD = 100_000
MOST_NAMES = 100
LONGEST_NAME = 50
OTHER_NAMES = "(others)"

SAVE_AGAIN = "Export it again from the case system, or mend it at that line."
NO_DOCUMENT_TYPE = "Take the DOCTYPE declaration away: a census file has none, and one can hide other files in it."


@dataclass(slots=True)
class Module:
    """One element that holds others: its items' texts and its modules, each by name in the order of the file."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    modules: dict[str, list["Module"]] = field(default_factory=dict)


@dataclass(slots=True)
class Unread:
    """What was passed over: elements that no form of the census knows, known ones of no use here, stray text."""

    unknown: Counter[str] = field(default_factory=Counter)
    unused: Counter[str] = field(default_factory=Counter)
    stray_texts: int = 0


class _Refused(Exception):
    """The file is no census, or built to exhaust the reader."""

    def __init__(self, found: str, advice: str = SAVE_AGAIN) -> None:
        super().__init__(found)
        self.found, self.advice = found, advice


def stream(path: Path, unread: Unread) -> Iterator[tuple[str, Module]]:
    """Yield the modules `Header` and `Child` of a census file with their names, in the order of the file.

    Raises
    ------
    RecordsError
        The file is cut off, is not well-formed or is no census; file and line are given, never what stands there.
    """
    handlers = _Handlers(unread)
    parser = handlers.parser
    try:
        with path.open("rb") as file:
            read = 0
            while chunk := file.read(CHUNK):
                parser.Parse(chunk)
                read += len(chunk)
                if read - parser.CurrentByteIndex > LONGEST_TOKEN:
                    raise _Refused("a tag or comment of more than a million characters.")
                yield from handlers.ready
                handlers.ready.clear()
            parser.Parse(b"", True)  # noqa: FBT003 - the parser takes it by position only
        yield from handlers.ready
    except OSError:
        raise RecordsError(Mistake(path.name, "the file cannot be opened.", "Check the path.")) from None
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise _broken(path, error, line=parser.CurrentLineNumber) from None
    except _Refused as refused:
        raise RecordsError(_at(path, parser.CurrentLineNumber, refused.found, refused.advice)) from None


class _Handlers:
    """What is done where an element begins, where it ends, and with the text between."""

    def __init__(self, unread: Unread) -> None:
        self.ready: list[tuple[str, Module]] = []
        self._unread = unread
        # The open modules, innermost last, and what each may hold.
        self._open: list[tuple[str, Form, Module]] = [("", CENSUS, Module())]
        self._item = ""
        self._pieces: list[str] = []
        self._length = 0
        # How deep the parser is in an element that is passed over.
        self._passing = 0
        self._held = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._refuse_document_type

    def _start(self, name: str, _: object) -> None:
        if self._passing:
            self._pass_over()
            return
        name = name.rpartition(":")[2]
        form = self._open[-1][1]
        kind = form.get(name) if not self._item else None
        if kind is ITEM:
            self._item, self._length = name, 0
        elif kind is UNUSED:
            self._unread.unused[name] += 1
            self._pass_over()
        elif kind is None:
            if form is CENSUS:
                raise _Refused(
                    "its outermost element is not Message.", "Give the XML file of a children in need census."
                )
            self._count_unknown(name)
            self._pass_over()
        else:
            self._hold()
            self._open.append((name, kind, Module()))

    def _end(self, _: str) -> None:
        if self._passing:
            self._passing -= 1
        elif self._item:
            self._close_item()
        else:
            name, _form, module = self._open.pop()
            match name:
                case "Header" | "Child":
                    self.ready.append((name, module))
                    self._held = 0
                case "Children" | "Message":
                    pass
                case _:
                    self._open[-1][2].modules.setdefault(name, []).append(module)

    def _text(self, text: str) -> None:
        if self._passing:
            return
        if self._item:
            self._length += len(text)
            if self._length <= LONGEST_TEXT:
                self._pieces.append(text)
        elif not text.isspace():
            self._unread.stray_texts += 1

    def _close_item(self) -> None:
        text = "".join(self._pieces).strip() if self._length <= LONGEST_TEXT else OVERLONG
        if text:
            self._hold()
            self._open[-1][2].texts.setdefault(self._item, []).append(text)
        self._item = ""
        self._pieces.clear()

    def _hold(self) -> None:
        self._held += 1
        if self._held > MOST_HELD:
            raise _Refused(f"one child with more than {MOST_HELD:,} elements.")

    def _pass_over(self) -> None:
        self._passing += 1
        if self._passing > DEEPEST:
            raise _Refused(f"more than {DEEPEST} elements inside one another.")

    def _count_unknown(self, name: str) -> None:
        unknown = self._unread.unknown
        named = name in unknown or (len(unknown) < MOST_NAMES and len(name) <= LONGEST_NAME)
        unknown[name if named else OTHER_NAMES] += 1

    def _refuse_document_type(self, *_: object) -> None:
        raise _Refused("it declares a document type.", NO_DOCUMENT_TYPE)


def _broken(path: Path, error: Exception, *, line: int) -> RecordsError:
    """Return what is wrong with a file that the parser cannot follow; its own words for it name no content."""
    if not isinstance(error, expat.ExpatError):
        return RecordsError(_at(path, line, "its encoding cannot be read.", "Save it as UTF-8."))
    if not path.stat().st_size:
        return RecordsError(Mistake(path.name, "the file is empty.", "Check that it was saved or copied whole."))
    found = f"it is cut off or not well-formed XML ({expat.ErrorString(error.code)})."
    return RecordsError(_at(path, error.lineno, found, SAVE_AGAIN))


def _at(path: Path, line: int, found: str, advice: str) -> Mistake:
    return Mistake(f"{path.name}, line {line:,}", found, advice)
