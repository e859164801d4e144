"""The order of samples: everyone once an epoch, another order each time, the same for a seed."""

import torch

from tests.support import toys


def order(epoch, seed=0, first=0, **shape):
    return [batch.index.tolist() for batch in toys.batches(**shape).shuffled(seed, epoch, first)]


def test_every_sample_is_seen_once_an_epoch():
    assert list(range(14)) == sorted(index for batch in order(0) for index in batch)


def test_an_epoch_can_be_entered_in_the_middle():
    assert order(3)[2:] == order(3, first=2)


def test_epochs_and_seeds_have_orders_of_their_own():
    orders = [str(order(epoch, seed)) for epoch in range(4) for seed in range(4)]

    assert 16 == len(set(orders))


def test_a_remainder_of_one_is_left_out_and_changes_from_epoch_to_epoch():
    epochs = [order(epoch, count=13) for epoch in range(20)]
    left_out = {(set(range(13)) - {i for batch in epoch for i in batch}).pop() for epoch in epochs}

    assert {4} == {len(batch) for epoch in epochs for batch in epoch}
    assert len(left_out) > 5


def test_the_number_of_steps_is_the_number_of_batches():
    for count in range(2, 30):
        batches = toys.batches(count=count)

        assert len(batches) == len(list(batches.shuffled(0, 0)))


def test_in_order_sees_everyone_as_the_data_set_has_them():
    seen = torch.cat([batch.index for batch in toys.batches(count=13).in_order()])

    assert torch.equal(torch.arange(13), seen)


def test_a_batch_is_cut_evenly_and_never_to_a_single_sample():
    (batch,) = toys.batches(count=7, batch_size=7).in_order()
    sizes = {count: [len(part.index) for part in batch.parts(count)] for count in (1, 2, 3, 4, 9)}

    assert {1: [7], 2: [4, 3], 3: [3, 2, 2], 4: [3, 2, 2], 9: [3, 2, 2]} == sizes
    assert torch.equal(batch.images, torch.cat([part.images for part in batch.parts(3)]))
    assert torch.equal(batch.labels, torch.cat([part.labels for part in batch.parts(3)]))
    assert torch.equal(batch.index, torch.cat([part.index for part in batch.parts(3)]))


def test_a_batch_is_the_images_and_labels_of_its_samples():
    batches = toys.batches()
    batch = next(iter(batches.shuffled(0, 0)))

    assert torch.equal(batches.images[batch.index], batch.images)
    assert torch.equal(batches.labels[batch.index], batch.labels)
