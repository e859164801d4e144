"""The trainer: stoppable between any two steps, resumable to the bit, and honest about trouble."""

from contextlib import suppress

import pytest
import torch
from torch import nn

from kd_core.errors import Diverged, Stopped, TeacherUnfit
from kd_core.events import CheckpointSaved, Metrics, Progress, RunResumed, Warned
from kd_core.training.steps import BAD_STEPS_TO_FAIL
from tests.support import toys

STEPS = 3 * 4  # three epochs of fourteen samples in fours: the last batch of two counts


def weights(network):
    return torch.cat([tensor.flatten().double() for tensor in network.state_dict().values()])


def points(events):
    return [point for event in events if isinstance(event, Metrics) for point in event.points]


def undisturbed(folder, **changes):
    return weights(toys.trainer(folder, toys.learner(**changes)).run().network)


def stop_after(steps):
    """Says stop when asked for the time after `steps` steps."""
    asked = iter([False] * steps)
    return lambda: next(asked, True)


OPTIMIZERS = {
    "sgd": {"kind": "sgd", "lr": 0.05, "nesterov": True},
    "adamw": {"kind": "adamw", "lr": 0.01},
    "lamb": {"kind": "lamb", "lr": 0.01},
}
SCHEDULES = {
    "cosine": {"kind": "cosine", "warmup_epochs": 1},
    "linear": {"kind": "linear", "warmup_epochs": 1},
    "step": {"kind": "step", "milestones": [1, 2]},
}


PAIRS = [(at, "cosine", 0.9) for at in OPTIMIZERS] + [("sgd", at, None) for at in SCHEDULES]


@pytest.mark.parametrize(("optimizer", "schedule", "ema"), PAIRS)
def test_stopped_after_any_step_and_resumed_it_ends_in_the_same_bits(
    tmp_path, optimizer, schedule, ema
):
    settings = {
        "optimizer": OPTIMIZERS[optimizer],
        "schedule": SCHEDULES[schedule],
        "ema": ema,
    }
    wanted = undisturbed(tmp_path / "whole", **settings)

    for steps in range(STEPS):
        folder = tmp_path / str(steps)
        with pytest.raises(Stopped):
            toys.trainer(folder, toys.learner(**settings), should_stop=stop_after(steps)).run()
        resumed = toys.trainer(folder, toys.learner(**settings)).run()

        assert torch.equal(wanted, weights(resumed.network))


@pytest.mark.parametrize(("optimizer", "schedule", "ema"), PAIRS)
def test_lengthened_after_any_step_it_ends_in_the_bits_of_the_longer_run(
    tmp_path, optimizer, schedule, ema
):
    short = {"optimizer": OPTIMIZERS[optimizer], "schedule": SCHEDULES[schedule], "ema": ema}
    longer = {**short, "schedule": {**SCHEDULES[schedule], "epochs": 3}, "epochs": 4}
    wanted = undisturbed(tmp_path / "whole", **longer)

    for steps in (0, 6, STEPS):
        folder = tmp_path / str(steps)
        with suppress(Stopped):  # the last one is over before it is asked
            toys.trainer(folder, toys.learner(**short), should_stop=stop_after(steps)).run()
        resumed = toys.trainer(folder, toys.learner(**longer)).run()

        assert torch.equal(wanted, weights(resumed.network))


@pytest.mark.parametrize(
    ("terms", "mix"),
    [
        (({"kind": "ce"}, {"kind": "ctkd"}), None),
        (({"kind": "ce"}, {"kind": "kd"}), {"kind": "mixup"}),
        (({"kind": "ce"}, {"kind": "ctkd", "warmup_epochs": 3}), {"kind": "cutmix"}),
    ],
)
def test_learned_parts_and_mixed_images_resume_to_the_same_bits(tmp_path, terms, mix):
    def learner():
        return toys.learner(*terms, mix=mix)

    whole = learner()
    wanted = weights(toys.trainer(tmp_path / "whole", whole).run().network)
    for steps in range(STEPS):
        folder, resumed = tmp_path / str(steps), learner()
        with pytest.raises(Stopped):
            toys.trainer(folder, learner(), should_stop=stop_after(steps)).run()

        assert torch.equal(wanted, weights(toys.trainer(folder, resumed).run().network))
        assert whole.objective.readings() == resumed.objective.readings()


def test_a_step_in_parts_resumes_to_the_same_bits(tmp_path):
    settings = {"accumulate": 2, "batch_size": 2, "mix": {"kind": "mixup"}}
    wanted = undisturbed(tmp_path / "whole", **settings)
    for steps in range(STEPS):
        folder = tmp_path / str(steps)
        with pytest.raises(Stopped):
            toys.trainer(folder, toys.learner(**settings), should_stop=stop_after(steps)).run()

        resumed = toys.trainer(folder, toys.learner(**settings)).run()
        assert torch.equal(wanted, weights(resumed.network))


def plain(**changes):
    """Without dropout and batch statistics a sample's gradient does not know its batch."""
    made = toys.learner({"kind": "ce"}, {"kind": "kd"}, {"kind": "pld"}, ema=None, **changes)
    for place in (1, 3):
        made.network[place] = nn.Identity()
    made.optimizer = torch.optim.SGD(made.network.parameters(), lr=0.1)
    return made


@pytest.mark.parametrize("accumulate", [2, 3, 7, 100])
def test_a_step_in_parts_is_the_step_of_the_whole(accumulate):
    batch = next(iter(toys.batches(batch_size=14).in_order()))
    found = {}
    for parts in (1, accumulate):
        learner = plain(accumulate=parts, term_gradients=True)
        measured = [learner.step(batch, rate=0.1, epoch=epoch) for epoch in (1, 2)]
        found[parts] = measured, weights(learner.network)

    torch.testing.assert_close(found[1], found[accumulate], rtol=1e-5, atol=1e-6)


def test_a_part_that_is_no_number_makes_the_whole_step_bad():
    learner = plain(accumulate=2)
    batch = next(iter(toys.batches(batch_size=14).in_order()))
    learner.network[0].weight.register_hook(lambda grad: grad * float("nan"))
    before = weights(learner.network)
    learner.step(batch, rate=0.1, epoch=1)

    assert learner.bad_steps == 1
    assert torch.equal(before, weights(learner.network))


SETTLES = {"early_stopping": {"patience": 2, "min_delta": 0.9}}


def test_training_ends_early_and_says_so(tmp_path):
    events = []
    trained = toys.trainer(tmp_path, toys.learner(epochs=9, **SETTLES), events=events).run()
    (warning,) = [at for at in events if isinstance(at, Warned)]
    saved = [at.step for at in events if isinstance(at, CheckpointSaved)]

    assert ("stopped_early", 3) == (warning.code, trained.last.epoch)
    assert "after epoch 3 of 9" in warning.message
    assert STEPS == saved[-1]


def test_training_that_ended_early_is_not_taken_up_again(tmp_path):
    wanted = undisturbed(tmp_path, epochs=9, **SETTLES)
    events = []
    again = toys.trainer(tmp_path, toys.learner(epochs=9, **SETTLES), events=events).run()

    assert torch.equal(wanted, weights(again.network))
    assert [RunResumed(phase="training", step=STEPS)] == events


def test_a_resume_ends_early_where_the_whole_run_does(tmp_path):
    wanted = undisturbed(tmp_path / "whole", epochs=9, **SETTLES)
    for steps in range(STEPS):
        folder = tmp_path / str(steps)
        made = [toys.learner(epochs=9, **SETTLES) for _ in range(2)]
        with pytest.raises(Stopped):
            toys.trainer(folder, made[0], should_stop=stop_after(steps)).run()

        assert torch.equal(wanted, weights(toys.trainer(folder, made[1]).run().network))


def test_a_learned_temperature_leaves_where_it_began_and_is_in_the_curve(tmp_path):
    events = []
    made = toys.learner({"kind": "ce"}, {"kind": "ctkd"})
    toys.trainer(tmp_path, made, events=events).run()
    curve = [point.value for point in points(events) if point.name.endswith("temperature")]

    assert {"train/adapter/1.ctkd.temperature"} == {
        point.name for point in points(events) if "adapter" in point.name
    }
    assert len(set(curve)) > 3


def test_on_request_each_term_says_how_hard_it_pulls(tmp_path):
    asked, not_asked = [], []
    toys.trainer(tmp_path / "asked", toys.learner(term_gradients=True), events=asked).run()
    toys.trainer(tmp_path / "not", events=not_asked).run()
    names = {point.name for point in points(asked)} - {point.name for point in points(not_asked)}

    assert names == {"train/term_grad/0.ce.ce", "train/term_grad/1.kd.kl"}
    assert all(point.value > 0 for point in points(asked) if "term_grad" in point.name)


def test_asking_how_hard_terms_pull_changes_no_bit(tmp_path):
    wanted = undisturbed(tmp_path / "not")

    assert torch.equal(wanted, undisturbed(tmp_path / "asked", term_gradients=True))


def test_a_term_without_a_say_is_a_warning_of_the_run(tmp_path):
    events = []
    made = toys.learner({"kind": "ce"}, {"kind": "kd", "weight": 1e-6})
    toys.trainer(tmp_path, made, events=events).run()

    assert ["term_dominant", "term_negligible"] == [e.code for e in events if isinstance(e, Warned)]


OF_THE_MACHINE = {"train/images_per_s", "train/peak_mb"}


def test_a_resumed_run_draws_the_same_curve(tmp_path):
    def curve(events):
        last = {}  # a point that is told twice was told by the resumed run
        for event in events:
            if isinstance(event, Metrics):
                last |= {
                    (p.name, p.step): p.value for p in event.points if p.name not in OF_THE_MACHINE
                }
        return last

    whole, parts = [], []
    toys.trainer(tmp_path / "whole", events=whole).run()
    with pytest.raises(Stopped):
        toys.trainer(tmp_path / "parts", events=parts, should_stop=stop_after(5)).run()
    toys.trainer(tmp_path / "parts", events=parts).run()

    assert curve(whole) == curve(parts)
    assert RunResumed(phase="training", step=5) in parts


def test_a_damaged_checkpoint_is_passed_over_with_a_warning(tmp_path):
    wanted = undisturbed(tmp_path / "whole")
    folder, events = tmp_path / "damaged", []
    with pytest.raises(Stopped):
        toys.trainer(folder, should_stop=stop_after(6)).run()
    newest = max(folder.glob("*.pt"))
    newest.write_bytes(newest.read_bytes()[:-7])

    resumed = toys.trainer(folder, events=events).run()

    assert torch.equal(wanted, weights(resumed.network))
    assert ["checkpoint_damaged"] == [e.code for e in events if isinstance(e, Warned)]
    assert [5] == [e.step for e in events if isinstance(e, RunResumed)]


@pytest.mark.parametrize("record", [b"", b"{}", b"[]", b"\xff", b'{"step": 1'])
def test_an_unreadable_record_is_passed_over_too(tmp_path, record):
    wanted = undisturbed(tmp_path / "whole")
    folder, events = tmp_path / "damaged", []
    with pytest.raises(Stopped):
        toys.trainer(folder, should_stop=stop_after(6)).run()
    max(folder.glob("*.json")).write_bytes(record)

    assert torch.equal(wanted, weights(toys.trainer(folder, events=events).run().network))
    assert [5] == [e.step for e in events if isinstance(e, RunResumed)]


def test_damaged_checkpoints_do_not_push_out_the_good_ones(tmp_path):
    wanted = undisturbed(tmp_path)
    for state in tmp_path.glob("*.pt"):
        state.write_bytes(b"")

    assert torch.equal(wanted, weights(toys.trainer(tmp_path).run().network))
    assert len(list(tmp_path.glob("*.pt"))) == 2


def test_a_large_gradient_is_still_a_number():
    learner = toys.learner({"kind": "ce", "weight": 1e6})
    for layer in (learner.network[0], learner.network[5]):
        layer.weight.register_hook(lambda grad: grad * 1e25)
    measured = learner.step(next(iter(toys.batches().in_order())), rate=1e-3, epoch=1)

    assert measured["grad_norm"] > 1e25
    assert learner.bad_steps == 0


def test_the_last_step_is_always_saved(tmp_path):
    events = []
    toys.trainer(tmp_path, toys.learner(checkpoint_every_s=86_400), events=events).run()

    assert [STEPS] == [event.step for event in events if isinstance(event, CheckpointSaved)]


def test_two_checkpoints_are_kept(tmp_path):
    toys.trainer(tmp_path).run()

    assert ["step-00000011.pt", "step-00000012.pt"] == sorted(p.name for p in tmp_path.glob("*.pt"))


def test_progress_reaches_the_end(tmp_path):
    events = []
    toys.trainer(tmp_path, events=events).run()
    progress = [event for event in events if isinstance(event, Progress)]

    assert progress[-1].fraction == 1.0
    assert progress[-1].epoch == progress[-1].epochs == 3


def test_every_epoch_is_measured_once(tmp_path):
    events = []
    toys.trainer(tmp_path, events=events).run()
    points = [p for event in events if isinstance(event, Metrics) for p in event.points]

    assert [(4, 1), (8, 2), (12, 3)] == [(p.step, p.epoch) for p in points if p.name == "val/top1"]
    assert {
        "train/term/0.ce.ce",
        "train/term/1.kd.kl",
        "train/lr",
        "train/peak_mb",
        "val/agreement",
        "val/loss",
    } <= {point.name for point in points}


class Fails(nn.Module):
    """A network whose answers are not numbers in some of its calls."""

    def __init__(self, bad_calls):
        super().__init__()
        self.inner = toys.network()
        self.bad_calls = bad_calls
        self.calls = 0

    def forward(self, images):
        answer = self.inner(images)
        if self.training:
            self.calls += 1
            if self.calls in self.bad_calls:
                return answer * float("nan")
        return answer


def failing(bad_calls):
    learner = toys.learner({"kind": "ce"}, {"kind": "dkd"})
    learner.network = Fails(bad_calls)
    learner.average = None
    learner.optimizer = torch.optim.SGD(learner.network.parameters(), lr=0.1)
    return learner


def test_the_third_bad_step_in_a_row_ends_the_run_and_names_the_terms(tmp_path):
    with pytest.raises(Diverged) as caught:
        toys.trainer(tmp_path, failing({3, 4, 5})).run()

    assert BAD_STEPS_TO_FAIL == 3
    assert "0.ce.ce, 1.dkd.tckd, 1.dkd.nckd" in str(caught.value)
    assert caught.value.problems[0].pointer == "/loss/0"


def test_the_last_good_checkpoint_stays_when_a_run_diverges(tmp_path):
    with pytest.raises(Diverged):
        toys.trainer(tmp_path, failing({3, 4, 5})).run()

    assert ["step-00000001.pt", "step-00000002.pt"] == sorted(p.name for p in tmp_path.glob("*.pt"))


def test_a_bad_step_changes_no_weight_and_two_are_forgiven():
    learner = failing({1, 2})
    batch = next(iter(toys.batches().in_order()))
    before = torch.cat([p.flatten() for p in learner.network.parameters()]).clone()

    learner.step(batch, rate=0.1, epoch=1)
    learner.step(batch, rate=0.1, epoch=1)
    after_bad = torch.cat([p.flatten() for p in learner.network.parameters()]).clone()
    learner.step(batch, rate=0.1, epoch=1)

    assert torch.equal(before, after_bad)
    assert learner.bad_steps == 0
    assert not torch.equal(before, torch.cat([p.flatten() for p in learner.network.parameters()]))


def test_a_gradient_that_is_no_number_is_a_bad_step_too():
    learner = toys.learner({"kind": "ce"})
    next(learner.network.parameters()).register_hook(lambda grad: grad * float("inf"))
    batch = next(iter(toys.batches().in_order()))

    with pytest.raises(Diverged, match="the gradient was not a finite number"):
        for _ in range(BAD_STEPS_TO_FAIL):
            learner.step(batch, rate=0.1, epoch=1)


@pytest.mark.parametrize("meddle", [lambda t: t.train(), lambda t: t[0].weight.requires_grad_()])
def test_a_teacher_that_could_change_stops_the_step(meddle):
    learner = toys.learner()
    meddle(learner.lesson.teacher.network)

    with pytest.raises(TeacherUnfit, match="not frozen"):
        learner.step(next(iter(toys.batches().in_order())), rate=0.1, epoch=1)


def test_training_changes_nothing_about_the_teacher(tmp_path):
    learner = toys.learner()
    before = weights(learner.lesson.teacher.network).clone()
    toys.trainer(tmp_path, learner).run()

    assert torch.equal(before, weights(learner.lesson.teacher.network))


def test_the_average_follows_its_decay():
    learner = toys.learner(ema=0.9, clip=None)
    batch = next(iter(toys.batches().in_order()))
    learner.step(batch, rate=0.1, epoch=1)  # the first step begins the average
    first = learner.network[0].weight.detach().clone()
    learner.step(batch, rate=0.1, epoch=1)
    second = learner.network[0].weight.detach()

    torch.testing.assert_close(learner.trained()[0].weight, 0.9 * first + 0.1 * second)


def test_a_gradient_is_clipped_to_its_norm():
    batch = next(iter(toys.batches().in_order()))
    moved = {}
    for clip in (None, 0.01):
        learner = toys.learner(clip=clip, optimizer={"kind": "sgd", "lr": 1.0, "weight_decay": 0.0})
        before = torch.cat([p.detach().flatten() for p in learner.network.parameters()])
        learner.step(batch, rate=1.0, epoch=1)
        after = torch.cat([p.detach().flatten() for p in learner.network.parameters()])
        moved[clip] = (after - before).norm().item()

    assert moved[None] > 0.1
    assert moved[0.01] == pytest.approx(0.01, rel=1e-3)
