"""What there is in a source, before anybody knows what it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from kd_core.data.file_tree import FileTree, content, is_litter
from kd_core.data.limits import Limits
from kd_core.data.refusal import few, refused

SUFFIXES = ("png", "jpg", "jpeg", "webp", "bmp", "gif", "tif", "tiff")


class Inventory:
    """The files and folders of a tree that nobody's system left there unasked."""

    def __init__(self, tree: FileTree, source: str, limits: Limits) -> None:
        self.tree = tree
        self.source = source
        """What the user calls it."""
        self.limits = limits
        self.files = tuple(name for name in tree.files if not _is_hidden(name))
        self.folders = tuple(name for name in tree.folders if not _is_hidden(name))
        self.images = tuple(name for name in self.files if is_image(name))

    def folder_with(self, has: Callable[[str], bool], what: str) -> str | None:
        """The one folder that holds such files, by their names in it; empty or with a slash at
        its end. A second one would be another data set.
        """
        folders = sorted({_folder(name) for name in self.files if has(_base(name))})
        if len(folders) > 1:
            raise refused(
                f"there is more than one {what}: {few([name or '.' for name in folders])}",
                code="layout_conflict",
                hint="name the folder of one of them, or remove the others",
                file=folders[1],
            )
        return folders[0] if folders else None

    def inside(self, folder: str) -> dict[str, str]:
        """The files that lie directly in a folder: full names by the names in it."""
        return {_base(name): name for name in self.files if _folder(name) == folder}

    def lines(self, name: str) -> list[str]:
        """The lines of a text, without what is blank at their ends."""
        return [line.strip() for line in self.text(name).splitlines()]

    def rows(self, name: str, columns: int) -> Iterator[tuple[int, list[str]]]:
        """(line number, words) of a list with so many words a line; the last takes what is left."""
        for number, line in enumerate(self.lines(name), start=1):
            words = line.split(maxsplit=columns - 1)
            if words and len(words) != columns:
                raise refused(
                    f"line {number} has {len(words)} of {columns} words: {line[:80]!r}",
                    code="list_damaged",
                    hint="take the list as it was published",
                    file=name,
                )
            if words:
                yield number, words

    def top(self) -> str:
        """The folder that holds everything: a single one around all is looked through."""
        folder = ""
        while not self.inside(folder):
            tops = [
                name
                for name in self.folders
                if name.startswith(folder) and "/" not in name.removeprefix(folder)
            ]
            if len(tops) != 1:
                break
            folder = f"{tops[0]}/"
        return folder

    def text(self, name: str) -> str:
        data = content(self.tree, name)
        if len(data) > self.limits.text_bytes:
            raise refused(
                f"the table is larger than {self.limits.text_bytes} bytes",
                code="file_too_large",
                hint="leave out what is not needed of it",
                file=name,
            )
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise refused(
                f"this is not text in UTF-8 (byte {error.start})",
                code="text_damaged",
                hint="save it as UTF-8",
                file=name,
            ) from None

    def in_words(self) -> str:
        """What was found, for a user who expected something else."""
        if not self.files:
            return "no file"
        kinds = Counter(_suffix(name) or "no suffix" for name in self.files)
        counted = [f"{count} {kind}" for kind, count in kinds.most_common()]
        return f"{few(counted)} ({few(list(self.files))})"


def is_image(name: str) -> bool:
    return _suffix(name) in SUFFIXES


def _is_hidden(name: str) -> bool:
    return any(is_litter(part) for part in name.split("/"))


def _suffix(name: str) -> str:
    _, dot, suffix = _base(name).rpartition(".")
    return suffix.casefold() if dot else ""


def _base(name: str) -> str:
    return name.rpartition("/")[2]


def _folder(name: str) -> str:
    folder, slash, _ = name.rpartition("/")
    return folder + slash
