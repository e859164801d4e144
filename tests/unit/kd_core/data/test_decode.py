"""Pixels are those that timm's evaluation would give, or the image is refused by name."""

import io

import numpy as np
import pytest
import timm.data
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from kd_core.data.decode import decode
from kd_core.data.limits import LIMITS, Limits
from kd_core.errors import DataInvalid

FORMATS = ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF"]


def saved(image, file_format="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def code_of(data, size=8, limits=LIMITS):
    with pytest.raises(DataInvalid) as caught:
        decode(data, "cats/1.png", size, limits)
    (problem,) = caught.value.problems
    assert problem.file == "cats/1.png"
    return problem.code


@pytest.mark.parametrize("size", [8, 32, 33, 64])
@pytest.mark.parametrize("shape", [(61, 40), (40, 61), (33, 33), (17, 300), (300, 18), (5, 6)])
@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "P", "CMYK", "1"])
def test_pixels_are_those_of_timms_evaluation(images, size, shape, mode):
    width, height = shape
    file_format = "TIFF" if mode == "CMYK" else "PNG"
    data = images.png(0, width, height, mode, file_format)
    transform = timm.data.create_transform(
        size, interpolation="bicubic", crop_pct=1.0, normalize=False
    )

    theirs = transform(Image.open(io.BytesIO(data)).convert("RGB"))

    np.testing.assert_array_equal(decode(data, "x", size, LIMITS).pixels, theirs.permute(1, 2, 0))


def test_the_first_frame_of_an_animation_is_taken():
    frames = [Image.new("RGB", (10, 10), colour) for colour in ("red", "blue")]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])

    assert decode(data, "x", 8, LIMITS).pixels[4, 4].tolist() == [255, 0, 0]


def test_a_palette_with_transparency_warns_nobody():
    image = Image.new("P", (10, 10))

    assert decode(saved(image, transparency=bytes(9)), "x", 8, LIMITS).pixels.shape == (8, 8, 3)


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_truncated_image_is_refused(images, file_format):
    data = images.png(0, 64, 64, file_format=file_format)

    for share in (0.02, 0.5, 0.9):
        assert code_of(data[: int(share * len(data))]) == "image_damaged"


@pytest.mark.parametrize("data", [b"", b"not an image", b"%PDF-1.4", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_image_is_refused(data):
    assert code_of(data) == "image_damaged"


def test_a_format_that_was_not_asked_for_is_not_opened():
    assert code_of(saved(Image.new("RGB", (9, 9)), "PPM")) == "image_damaged"


def test_too_many_pixels_are_refused_before_they_are_decoded():
    """The header alone is enough; the pixels are not even there."""
    data = saved(Image.new("1", (2000, 2000)))

    assert code_of(data[:60], limits=Limits(image_pixels=3_999_999)) == "image_too_large"


def test_a_header_that_claims_far_too_much_is_refused():
    header = bytearray(saved(Image.new("1", (1, 1)), "BMP"))
    header[18:26] = (60_000).to_bytes(4, "little") * 2

    assert code_of(bytes(header)) == "image_too_large"


def test_a_line_that_would_be_resized_without_bound_is_refused():
    assert code_of(saved(Image.new("1", (60_000, 1))), size=1024) == "image_too_narrow"


@pytest.mark.parametrize("mode", ["I;16", "I", "F"])
def test_more_than_eight_bits_are_refused_and_not_clipped(mode):
    file_format = "PNG" if mode == "I;16" else "TIFF"

    assert code_of(saved(Image.new(mode, (9, 9)), file_format)) == "image_not_8_bit"


@settings(max_examples=300)
@given(
    file_format=st.sampled_from(FORMATS),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1),
    early=st.booleans(),
)
def test_a_corrupted_image_is_decoded_or_refused_and_never_crashes(file_format, flips, early):
    data = bytearray(saved(Image.linear_gradient("L").resize((24, 20)), file_format))
    reach = min(80, len(data)) if early else len(data)
    for place, mask in flips:
        data[int(place * reach)] ^= mask

    try:
        pixels = decode(bytes(data), "x", 8, LIMITS).pixels
    except DataInvalid as error:
        assert error.problems[0].file == "x"
    else:
        assert pixels.shape == (8, 8, 3)
