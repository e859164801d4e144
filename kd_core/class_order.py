"""Whose column is whose: the teacher's answer for each class of the data, found by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from kd_core.errors import ModelInvalid, Problem
from kd_core.place import json_pointer
from kd_core.problems import closest, shown

SHOWN_NAMES = 10
MOST_UNKNOWN, MOST_LOOKED_AT = 10, 5000  # near names are dear: a map of strangers must not hang us


@dataclass(frozen=True)
class Classes:
    """What data and teacher call their classes, in their orders; `pointer` is to the teacher."""

    data: Sequence[str]
    teacher: Sequence[str]
    class_map: Mapping[str, str] | None
    pointer: str

    @property
    def columns(self) -> tuple[int, ...]:
        """The teacher's column for each class of the data; what is not clear is refused."""
        if self.class_map is None and self.are_only_counted:
            return tuple(range(len(self.data)))
        if problems := tuple(self._problems()):
            error = ModelInvalid(problems[0].message)
            error.problems = problems
            raise error
        at = {name: column for column, name in enumerate(self.teacher)}
        return tuple(at[self._wanted(name)] for name in self.data)

    @property
    def remark(self) -> Problem | None:
        """What a reader should know of how they were found."""
        if self.class_map is None and self.are_only_counted:
            return Problem(
                "classes_by_place",
                f"{self._name}: only one of data and teacher names its classes: they are taken in "
                "the order in which they stand",
                "data.class_names, or class_map beside the teacher, says which is which",
                self.pointer,
            )
        if self.columns == tuple(range(len(self.teacher))):
            return None
        left_out = len(self.teacher) - len(self.data)
        more = f"; {left_out} that only the teacher has are left out" if left_out else ""
        return Problem(
            "classes_reordered",
            f"{self._name}: the teacher has its classes in another order than the data; its "
            f"answers are put into the data's, by name{more}",
            "",
            self.pointer,
        )

    @property
    def _name(self) -> str:
        return self.pointer.strip("/").replace("/", ".")

    @property
    def are_only_counted(self) -> bool:
        """One side has numbers and no names: what is left is the order in which they stand."""
        numbers = {str(number) for number in range(len(self.data))}
        if len(self.data) != len(self.teacher) or set(self.data) == set(self.teacher):
            return False
        return numbers in (set(self.data), set(self.teacher))

    def _wanted(self, name: str) -> str:
        return (self.class_map or {}).get(name, name)

    def _problems(self) -> Iterator[Problem]:
        unknown = list(islice(self._unknown(), MOST_UNKNOWN))
        yield from unknown
        taken = Counter(self._wanted(name) for name in self.data)
        twice = [name for name, count in taken.items() if count > 1]
        if twice:
            yield Problem(
                "class_taken_twice",
                f"several classes of the data are the teacher's {shown(twice[0])}",
                "map each to a class of its own, or give the data the teacher's classes",
                f"{self.pointer}/class_map",
            )
        if not unknown and not twice:
            yield from self._differences()

    def _unknown(self) -> Iterator[Problem]:
        """Names in the map that nobody has."""
        data, teacher = set(self.data), set(self.teacher)
        for ours, theirs in (self.class_map or {}).items():
            where = f"{self.pointer}/class_map{json_pointer((ours,))}"
            if ours not in data:
                yield _unknown_class(ours, "the data", self.data, where)
            if theirs not in teacher:
                yield _unknown_class(theirs, "the teacher", self.teacher, where)

    def _differences(self) -> Iterator[Problem]:
        wanted = {self._wanted(name): name for name in self.data}
        known = set(self.teacher)
        missing = [wanted[name] for name in wanted if name not in known]
        extra = [name for name in self.teacher if name not in wanted]
        if not missing and (not extra or self.class_map is not None):
            return
        parts = [f"the teacher lacks {len(missing)} of them: {_first(missing)}"] if missing else []
        if extra:
            parts.append(f"it has {len(extra)} that the data lacks: {_first(extra)}")
        message = f"the teacher does not know the data's {len(self.data)} classes by their names; "
        yield Problem(
            "classes_differ",
            message + "; ".join(parts),
            _way_out(missing, extra),
            f"{self.pointer}/class_map",
        )


def miscounted(names: Sequence[str], classes: int | None, pointer: str) -> Problem | None:
    """Names are of no use where there are not as many as the teacher has classes."""
    if classes in (None, len(names)):
        return None
    return Problem(
        "class_count_differs",
        f"the checkpoint has {classes} classes, and there are {len(names)} names for them",
        "give one name for each, in the order of its answers",
        f"{pointer}/class_names",
    )


def nameless(whose: Literal["data", "teacher"], pointer: str) -> Problem:
    """Why a map helps nobody: it goes by names, and one side has none."""
    key = "data.class_names" if whose == "data" else "class_names, beside class_map"
    return Problem(
        "classes_unnamed",
        f"class_map goes by names, and those of the {whose}'s classes are not known",
        f"list them, in their order, in {key}",
        f"{pointer}/class_map",
    )


def _unknown_class(name: str, whose: str, known: Sequence[str], where: str) -> Problem:
    near = closest(name, known[:MOST_LOOKED_AT], count=3)
    guess = f"did you mean {' or '.join(near)}? " if near else ""
    message = f"{whose} has no class {shown(name)}"
    return Problem("unknown_class", message, f"{guess}it has {_first(known)}", where)


def _way_out(missing: Sequence[str], extra: Sequence[str]) -> str:
    if not missing:
        return "class_map: {} leaves out the classes that only the teacher has"
    if not extra:
        return "give a teacher of these classes, or data without the ones that it lacks"
    theirs = next(iter(closest(missing[0], extra[:MOST_LOOKED_AT], count=1)), extra[0])
    return f"say which are the same, as in class_map: {{{shown(missing[0])}: {shown(theirs)}}}"


def _first(names: Sequence[str]) -> str:
    rest = len(names) - SHOWN_NAMES
    listed = ", ".join(shown(name) for name in names[:SHOWN_NAMES])
    return f"{listed} and {rest} more" if rest > 0 else listed
