"""Classes are matched by name; what is not clear is refused with the differences."""

import pytest

from kd_core.class_order import Classes
from kd_core.errors import ModelInvalid

ANIMALS = ("cat", "dog", "owl")


def columns(data, teacher, class_map=None):
    return Classes(data, teacher, class_map, "/teacher").columns


def problems(*given):
    with pytest.raises(ModelInvalid) as refused:
        columns(*given)
    return {problem.pointer: problem for problem in refused.value.problems}


def test_the_same_classes_in_another_order_are_found_by_name():
    assert columns(ANIMALS, ("owl", "cat", "dog")) == (1, 2, 0)


def test_numbers_out_of_order_are_names():
    """A folder lists 10 before 2; whoever trained on it did not see them in their order."""
    sorted_as_texts = ("0", "1", "10", *map(str, range(2, 10)))

    assert columns(tuple(map(str, range(11))), sorted_as_texts)[10] == 2


@pytest.mark.parametrize("numbered", ["data", "teacher"])
def test_numbers_in_their_order_name_nothing(numbered):
    numbers = ("0", "1", "2")
    sides = (numbers, ANIMALS) if numbered == "data" else (ANIMALS, numbers)

    assert columns(*sides) == (0, 1, 2)


def test_other_classes_are_refused_with_all_that_differs():
    teacher = ("cat", "fox", *(f"t{number}" for number in range(12)))
    problem = problems(ANIMALS, teacher)["/teacher/class_map"]

    assert problem.code == "classes_differ"
    assert "lacks 2 of them: 'dog', 'owl'" in problem.message
    assert "13 that the data lacks: 'fox', 't0'," in problem.message
    assert "'t8' and 3 more" in problem.message


def test_the_way_out_names_the_likely_pair():
    problem = problems(("cat", "automobile"), ("automobiles", "cat"))["/teacher/class_map"]

    assert "class_map: {'automobile': 'automobiles'}" in problem.hint


def test_a_teacher_of_more_classes_is_narrowed_when_a_map_says_so():
    teacher = ("ant", "cat", "dog", "owl", "yak")

    assert "class_map: {}" in problems(ANIMALS, teacher)["/teacher/class_map"].hint
    assert columns(ANIMALS, teacher, {}) == (1, 2, 3)


def test_a_map_names_what_is_called_differently_and_no_more():
    assert columns(ANIMALS, ("hound", "strix", "cat"), {"dog": "hound", "owl": "strix"}) == (
        2,
        0,
        1,
    )


def test_a_name_in_the_map_that_nobody_has_is_told_the_nearest():
    found = problems(ANIMALS, ("cat", "hound", "owl"), {"dgo": "hound", "dog": "hund"})

    assert set(found) == {"/teacher/class_map/dgo", "/teacher/class_map/dog"}
    assert "did you mean dog?" in found["/teacher/class_map/dgo"].hint
    assert "did you mean hound?" in found["/teacher/class_map/dog"].hint


def test_a_class_of_the_teacher_is_taken_once():
    found = problems(ANIMALS, ("cat", "hound", "owl"), {"dog": "cat"})

    assert found["/teacher/class_map"].code == "class_taken_twice"


def test_a_map_that_leaves_a_class_open_is_refused():
    found = problems(ANIMALS, ("cat", "hound", "strix"), {"dog": "hound"})

    assert "lacks 1 of them: 'owl'" in found["/teacher/class_map"].message


def test_a_map_of_strangers_is_answered_in_short():
    strangers = {f"x{number}": f"y{number}" for number in range(10_000)}

    assert len(problems(ANIMALS, ANIMALS, strangers)) <= 10
