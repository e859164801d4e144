"""What strangers named is shown as it is, and does nothing."""

import json

from stillhouse.cli.printing import print_json, print_table


def test_a_name_is_neither_markup_nor_a_command(capsys):
    print_table(("id", "name"), [("job_1", "a[/nope]b\x1b[31m\nc")])

    assert "job_1  a[/nope]b\\x1b[31m\\nc\n" in capsys.readouterr().out


def test_lines_are_whole_where_a_program_reads_them(capsys):
    print_table(("id", "name"), [("job_1", "x" * 200)])

    assert "x" * 200 in capsys.readouterr().out


def test_a_mapping_is_json(capsys):
    print_json({"a": None})

    assert json.loads(capsys.readouterr().out) == {"a": None}
