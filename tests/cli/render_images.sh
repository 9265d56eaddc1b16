# Images of a scenario: names, formats, choice of cameras and frames.
. tests/cli/lib.sh "$1"

expect 0 skyvox render "$small" -o "$work/png" --cameras 0,1 --frames 2:4
[ "$(cd "$work/png" && LC_ALL=C ls -A | tr '\n' ' ')" = "cam0_000002.png cam0_000003.png cam1_000002.png cam1_000003.png " ] ||
    fail "files: $(ls -A "$work/png")"
expect 0 skyvox render "$small" -o "$work/raw" --cameras all --frames 3:4 --format raw --threads 2
[ "$(find "$work/raw" -type f | wc -l)" -eq 6 ] || fail "all cameras: $(ls "$work/raw")"
[ "$(stat -c %s "$work/raw/cam0_000003.raw")" -eq $((320 * 240)) ] || fail "size of the 8-bit image"
[ "$(stat -c %s "$work/raw/cam1_000003.raw")" -eq $((160 * 128 * 2)) ] || fail "size of the 12-bit image"

# Both formats hold the same pixels; the 12-bit camera's are shifted by 4 in the PNG.
if command -v python3 >/dev/null; then
    python3 - "$work/png" "$work/raw" <<'PY' || fail "PNG and raw differ"
import struct, sys, zlib

def read_png(path):
    data = open(path, "rb").read()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed, head, significant = 8, b"", None, None
    while at < len(data):
        n, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + n]
        if kind == b"IHDR": head = struct.unpack(">IIBBBBB", body)
        if kind == b"sBIT": significant = body[0]
        if kind == b"IDAT": packed += body
        at += 12 + n
    width, height, depth, colour = head[:4]
    assert colour == 0
    step = depth // 8
    raw, stride = zlib.decompress(packed), width * step
    out, above = bytearray(), bytearray(stride)
    for y in range(height):
        kind, line = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        for x in range(stride):
            a = line[x - step] if x >= step else 0
            b = above[x]
            c = above[x - step] if x >= step else 0
            p = a + b - c
            paeth = a if abs(p - a) <= abs(p - b) and abs(p - a) <= abs(p - c) else b if abs(p - b) <= abs(p - c) else c
            line[x] = (line[x] + (0, a, b, (a + b) // 2, paeth)[kind]) & 255
        out += line
        above = line
    return width, height, depth, significant, bytes(out)

width, height, depth, significant, pixels = read_png(sys.argv[1] + "/cam0_000003.png")
assert (width, height, depth, significant) == (320, 240, 8, 8)
assert pixels == open(sys.argv[2] + "/cam0_000003.raw", "rb").read()
width, height, depth, significant, pixels = read_png(sys.argv[1] + "/cam1_000003.png")
assert (width, height, depth, significant) == (160, 128, 16, 12)
n = width * height
raw = struct.unpack("<%dH" % n, open(sys.argv[2] + "/cam1_000003.raw", "rb").read())
assert max(raw) < 4096 and struct.unpack(">%dH" % n, pixels) == tuple(value << 4 for value in raw)
PY
fi

expect 0 skyvox render "$small" -o "$work/raw" --cameras 4 --frames 0:2 --format raw --json
grep -q '"images": 2' "$work/stdout" || fail "--json: $(cat "$work/stdout")"

expect 2 skyvox render "$small" -o "$work/bad" --cameras 0,17
expect_line "the scenario has no camera 17"
expect 2 skyvox render "$small" -o "$work/bad" --cameras 0,0
expect_line "camera 0 is named twice"
expect 2 skyvox render "$small" -o "$work/bad" --cameras 0,,1
expect_line "expected ids with commas"
expect 2 skyvox render "$small" -o "$work/bad" --frames 5
expect_line "expected A:B with 0 <= A < B"
expect 2 skyvox render "$small" -o "$work/bad" --frames 0:1000
expect_line "the scenario has frames 0:2"
expect 2 skyvox render "$small" -o "$work/bad" --format jpg
expect_line "expected png or raw"
[ -e "$work/bad" ] && fail "a refused command made its folder"
finish
