"""Where every file of a study is: tables of records, folders of returns, match files."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from whatworked.errors import Mistake, RecordsError
from whatworked.protocol.model import Protocol
from whatworked.protocol.variants import Rematch
from whatworked.records.files import locate, locate_folder


@dataclass(frozen=True, slots=True)
class Located:
    """Files and folders by the name of their records; match files by their path in the protocol, with the key path."""

    tables: Mapping[str, Path]
    folders: Mapping[str, Path]
    match_files: Mapping[str, tuple[str, Path]]

    def inputs(self) -> dict[str, Path]:
        """Return every file that a run reads: a name for it → the file."""
        found = dict(self.tables) | dict(self.match_files.values())
        for name, folder in self.folders.items():
            for path in sorted(entry for entry in folder.rglob("*") if entry.is_file()):
                found[f"{name}/{path.relative_to(folder).as_posix()}"] = path
        return found


def locate_all(protocol: Protocol, data: Path | None) -> Located:
    """Locate everything, all that cannot be found or opened in one error."""
    tables: dict[str, Path] = {}
    folders: dict[str, Path] = {}
    mistakes: list[Mistake] = []
    for name, table in (protocol.tables | protocol.contexts).items():
        where = f"records.{name}.path"
        try:
            tables[name] = locate(table.path, folder=protocol.folder, data=data, where=where)
            with tables[name].open("rb"):
                pass
        except RecordsError as problem:
            mistakes += problem.mistakes
        except OSError as problem:
            found = f"{tables[name].name} cannot be opened: {problem.strerror}."
            mistakes.append(Mistake(where, found, "Check the permissions of the file."))
    for name, returns in protocol.returns.items():
        try:
            where = f"records.{name}.folder"
            folders[name] = locate_folder(returns.folder, folder=protocol.folder, data=data, where=where)
        except RecordsError as problem:
            mistakes += problem.mistakes
    if mistakes:
        raise RecordsError(mistakes)
    return Located(tables, folders, _match_files(protocol, data))


def _match_files(protocol: Protocol, data: Path | None) -> dict[str, tuple[str, Path]]:
    """Locate every match file: the path that the protocol writes → the first key that names it, and the file."""
    named = [("matching", protocol.matching.match_file)]
    named += [(f"question[{question.key}].matching", question.matching.match_file) for question in protocol.question]
    named += [
        (f"variant[{i}].matching", variant.matching.match_file)
        for i, variant in enumerate(protocol.variant)
        if isinstance(variant, Rematch)
    ]
    found: dict[str, tuple[str, Path]] = {}
    for table, path in named:
        if path is not None and path not in found:
            where = f"{table}.match_file"
            found[path] = where, locate(path, folder=protocol.folder, data=data, where=where)
    return found
