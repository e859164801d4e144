"""What an attempt printed, chosen by stream, level and letters: alike on both databases."""

import pytest

from stillhouse.domain.events import Level, LogLine, Stream
from stillhouse.store.records import LinesWanted
from tests.support.service import TENANT

LINES = [
    LogLine("loading 100% of x_1"),
    LogLine("Epoch 1", Stream.STDERR),
    LogLine("epoch 2", Stream.STDERR, Level.WARNING),
    LogLine("ÉPOQUE", Stream.SUPERVISOR, Level.ERROR),
    LogLine("trace", Stream.SUPERVISOR, Level.DEBUG),
]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (LinesWanted(), [1, 2, 3, 4, 5]),
        (LinesWanted(streams=[Stream.STDERR]), [2, 3]),
        (LinesWanted(streams=[Stream.STDOUT, Stream.SUPERVISOR]), [1, 4, 5]),
        (LinesWanted(levels=Level.INFO.and_above), [1, 2, 3, 4]),
        (LinesWanted(levels=Level.ERROR.and_above), [4]),
        (LinesWanted(contains="epoch"), [3]),
        (LinesWanted(contains="Epoch"), [2]),
        (LinesWanted(contains="É"), [4]),
        (LinesWanted(contains="0%"), [1]),
        (LinesWanted(contains="x_"), [1]),
        (LinesWanted(contains="%"), [1]),
        (LinesWanted(contains="_"), [1]),
        (LinesWanted([Stream.STDERR], Level.WARNING.and_above, "2"), [3]),
    ],
)
def test_lines_are_those_that_everything_holds_of(world, wanted, found):
    token = world.running()
    with world.work() as uow:
        uow.attempts.report(token, 1, lines=LINES)
        lines = uow.logs.after(TENANT, token.job_id, 0, wanted)
        rest = uow.logs.after(TENANT, token.job_id, 2, wanted, limit=1)

    assert found == [line.seq for line in lines]
    assert [seq for seq in found if seq > 2][:1] == [line.seq for line in rest]
