"""Makes tests/data/formats with NumPy and Pillow: files written by others, for the readers of OtEngine.Cli/Formats.

Run from the repository's root: /usr/bin/python3 tests/generate/make_format_fixtures.py (NumPy 1.24, Pillow 9.4).
The values follow from formulas which the tests repeat, so no second copy of them is needed.
"""

import io
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image

TARGET = pathlib.Path(__file__).resolve().parents[1] / "data" / "formats"
SHAPE = (2, 3, 5)


def values(dtype):
    """Element k in row-major order: (7 k mod 23) - 11 over 8; whole numbers for integers, from 0 on for unsigned."""
    k = np.arange(np.prod(SHAPE)).reshape(SHAPE)
    residue = 7 * k % 23
    kind = np.dtype(dtype).kind
    if kind == "b":
        return residue % 3 == 0
    if kind == "u":
        return residue.astype(dtype)
    if kind == "i":
        return (residue - 11).astype(dtype)
    return ((residue - 11) / 8).astype(dtype)


def make_npz():
    arrays = {}
    for name in ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64"]:
        for order in "<>":
            array = values(name).astype(np.dtype(name).newbyteorder(order))
            side = "little" if order == "<" else "big"
            arrays[f"{name}_{side}_c"] = np.ascontiguousarray(array)
            arrays[f"{name}_{side}_fortran"] = np.asfortranarray(array)
    np.savez_compressed(TARGET / "types.npz", **arrays)

    np.savez(TARGET / "stored.npz", weights=values("float64")[0, 0], points=values("float32")[0])
    np.savez(TARGET / "single.npz", values("float64"))
    np.savez(
        TARGET / "refused.npz",
        complex64=np.zeros(2, np.complex64),
        complex128=np.zeros(2, np.complex128),
        object=np.array([{"a": 1}], dtype=object),
        bytes=np.array([b"ab"]),
        string=np.array(["ab"]),
        record=np.zeros(2, dtype=[("x", "<f8"), ("y", "<i4")]),
        date=np.array(["2026-01-01"], dtype="datetime64[D]"),
        difference=np.array([1], dtype="timedelta64[s]"),
        longdouble=np.zeros(2, np.longdouble),
        void=np.zeros(2, dtype="V3"),
    )


def make_npy():
    for version in [(1, 0), (2, 0), (3, 0)]:
        with open(TARGET / f"version{version[0]}.npy", "wb") as file:
            np.lib.format.write_array(file, values("float64"), version=version)
    np.save(TARGET / "scalar.npy", np.float64(2.5))
    np.save(TARGET / "empty.npy", np.zeros((0, 5)))
    np.save(TARGET / "inexact.npy", np.array([[1, 2, 3], [4, 5, 2**53 + 1]]))
    np.save(TARGET / "exact.npy", np.array([0, 2**53, 2**60, 2**64 - 2**11], dtype=np.uint64))


def make_csv():
    with open(TARGET / "pandas_like.csv", "w") as file:
        file.write("x,y\n1.5,-2\n0.25,1e-3\n")
    np.savetxt(TARGET / "savetxt.txt", values("float64")[0], header="blanks between fields")
    np.savetxt(TARGET / "savetxt.csv", values("float64")[0], delimiter=",", fmt="%.17g")


ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def pack(samples, depth):
    """One scanline's samples as bytes, the first in the highest bits."""
    bits = "".join(f"{sample:0{depth}b}" for sample in samples)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))


def paeth(a, b, c):
    p = a + b - c
    return min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]


def scanlines(samples, depth):
    """Filtered scanlines of samples (height x width x channels); the filters 0 to 4 take turns."""
    height, width, channels = samples.shape
    step = max(1, channels * depth // 8)
    above = bytes(len(pack([0] * width * channels, depth)))
    out = b""
    for y in range(height):
        line = pack(samples[y].ravel().tolist(), depth)
        kind = y % 5
        predicted = []
        for i in range(len(line)):
            left = line[i - step] if i >= step else 0
            corner = above[i - step] if i >= step else 0
            predicted.append([0, left, above[i], (left + above[i]) // 2, paeth(left, above[i], corner)][kind])
        out += bytes([kind]) + bytes((v - p) % 256 for v, p in zip(line, predicted))
        above = line
    return out


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(samples, depth, color, interlaced, palette=b"", transparency=b""):
    height, width, _ = samples.shape
    raw = b""
    if interlaced:
        for x, y, dx, dy in ADAM7:
            part = samples[y::dy, x::dx]
            if part.size:
                raw += scanlines(part, depth)
    else:
        raw = scanlines(samples, depth)
    packed = zlib.compress(raw, 9)
    half = len(packed) // 2
    out = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, int(interlaced)))
    out += chunk(b"tEXt", b"Comment\0made for tests")
    if palette:
        out += chunk(b"PLTE", palette)
    if transparency:
        out += chunk(b"tRNS", transparency)
    return out + chunk(b"IDAT", packed[:half]) + chunk(b"IDAT", packed[half:]) + chunk(b"IEND", b"")


def expected_rgb(samples, depth, color, palette, transparency):
    """What a page shows: over white, to 8 bits, rounded."""
    height, width, _ = samples.shape
    top = 2**depth - 1
    rgb = np.zeros((height, width, 3), np.uint8)
    for y in range(height):
        for x in range(width):
            pixel = samples[y, x].tolist()
            if color == 3:
                index = pixel[0]
                alpha = transparency[index] if index < len(transparency) else 255
                parts, top_here = list(palette[3 * index : 3 * index + 3]), 255
            else:
                channels = pixel if color in (2, 6) else [pixel[0]] * 3
                key = struct.unpack(f">{len(transparency) // 2}H", transparency) if transparency else None
                alpha = pixel[-1] if color in (4, 6) else 0 if key and tuple(pixel) == key else top
                parts, top_here = channels[:3], top
            whole = top_here * top_here
            for c in range(3):
                scaled = parts[c] * alpha + top_here * (top_here - alpha)
                rgb[y, x, c] = (255 * scaled + whole // 2) // whole
    return rgb


def make_png():
    rng = np.random.default_rng(7)
    expected = {}
    layouts = [(0, d) for d in (1, 2, 4, 8, 16)] + [(3, d) for d in (1, 2, 4, 8)] + [(c, d) for c in (2, 4, 6) for d in (8, 16)]
    for color, depth in layouts:
        channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color]
        for interlaced in (False, True):
            for keyed in ([False, True] if color in (0, 2, 3) else [False]):
                samples = rng.integers(0, 2**depth, size=(11, 13, channels))
                palette = bytes(rng.integers(0, 256, 3 * 2**depth, dtype=np.uint8)) if color == 3 else b""
                transparency = b""
                if keyed and color == 3:
                    transparency = bytes(rng.integers(0, 256, 2**depth // 2, dtype=np.uint8))
                elif keyed:
                    transparency = struct.pack(f">{channels}H", *samples[3, 4].tolist())
                name = f"color{color}_depth{depth}" + ("_adam7" if interlaced else "") + ("_keyed" if keyed else "")
                data = png(samples, depth, color, interlaced, palette, transparency)
                check_with_pillow(data, samples, depth, color)
                expected[f"{name}_file"] = np.frombuffer(data, np.uint8)
                expected[f"{name}_rgb"] = expected_rgb(samples, depth, color, palette, transparency)
    np.savez_compressed(TARGET / "png.npz", **expected)

    Image.fromarray(rng.integers(0, 256, (7, 9, 3), dtype=np.uint8)).save(TARGET / "pillow.png")


def check_with_pillow(data, samples, depth, color):
    """Pillow must see the very samples in the encoder above, where its modes can hold them."""
    image = Image.open(io.BytesIO(data))
    image.load()
    seen = np.asarray(image).astype(np.int64).reshape(samples.shape[0], samples.shape[1], -1)
    if color == 0 and depth in (2, 4):
        seen = seen // (255 // (2**depth - 1))
    if depth == 16 and color != 0:
        seen, samples = seen[..., : samples.shape[2]], samples >> 8
        if color == 4:
            return
    assert np.array_equal(seen, samples), (color, depth)


if __name__ == "__main__":
    TARGET.mkdir(parents=True, exist_ok=True)
    make_npz()
    make_npy()
    make_csv()
    make_png()
