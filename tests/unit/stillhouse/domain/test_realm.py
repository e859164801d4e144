"""A realm is a tenant or one of its projects, and never gets any wider."""

import pytest

from stillhouse.domain.errors import Invalid
from stillhouse.domain.realm import Realm, check_project


def test_a_tenant_alone_is_all_of_it():
    assert Realm.of("shop") == Realm("shop", None)
    assert Realm.of(Realm("shop", "vision")) == Realm("shop", "vision")


def test_a_tenant_is_narrowed_to_any_project_and_a_project_to_none_but_itself():
    project = Realm("shop").narrowed("vision")

    assert project == Realm("shop", "vision")
    assert project == project.narrowed("vision") == project.narrowed(None)
    with pytest.raises(Invalid) as refusal:
        project.narrowed("speech")
    (problem,) = refusal.value.problems
    assert (problem.code, problem.pointer) == ("other_project", "/project")
    assert "vision" in problem.message


@pytest.mark.parametrize("name", ["a", "vision-2", "0.b_c", "x" * 63])
def test_a_name_is_one_that_a_job_may_have(name):
    assert check_project(name) == name


@pytest.mark.parametrize("name", ["", "A", "-a", "a b", "x" * 64, "a\n", "../a"])
def test_any_other_name_is_refused(name):
    with pytest.raises(Invalid, match="not the name of a project"):
        check_project(name)
