"""What a file is, told from its first bytes."""

from __future__ import annotations

import io
import pickle

import numpy as np
import pytest
import safetensors.torch
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from kd_core.models.file_format import HEAD_BYTES, Format, format_of, looks_like


def png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (4, 4)).save(file, "PNG")
    return file.getvalue()


def npy() -> bytes:
    file = io.BytesIO()
    np.save(file, np.zeros(3))
    return file.getvalue()


@pytest.mark.parametrize("new_format", [True, False])
def test_a_torch_file_is_told_by_its_content(new_format):
    file = io.BytesIO()
    torch.save({"a": torch.zeros(2)}, file, _use_new_zipfile_serialization=new_format)

    assert format_of(file.getvalue()) is Format.TORCH


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_any_pickle_goes_where_pickles_are_read(protocol):
    assert format_of(pickle.dumps({"a": 1}, protocol)) is Format.TORCH


@pytest.mark.parametrize("tensors", [{}, {"a": torch.zeros(2)}])
def test_safetensors_is_told_by_its_content(tensors):
    assert format_of(safetensors.torch.save(tensors)) is Format.SAFETENSORS


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (png(), "a PNG image"),
        (npy(), "a NumPy array"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "git lfs pull"),
        (b"\n\n<!DOCTYPE html>\n<html><body>Sign in</body></html>", "a web page"),
        (b"\x1f\x8b\x08" + bytes(20), "a gzip archive"),
        (bytes(257) + b"ustar\x00" + bytes(40), "a tar archive"),
        (b'{"state_dict": "here"}', "a JSON document"),
        (b"padding {\n", "a text"),
        ("ein paar Wörter".encode(), "a text"),
        (bytes(range(14, 30)), "nothing that this version knows"),
    ],
)
def test_what_holds_no_weights_is_named(data, words):
    assert format_of(data) is Format.OTHER
    assert words in looks_like(data)


@settings(deadline=None)
@given(st.binary(max_size=HEAD_BYTES))
def test_any_bytes_have_a_format_and_a_name(head):
    assert format_of(head) in Format
    assert looks_like(head)
