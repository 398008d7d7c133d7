"""No name, place, date or comment in a picture's file reaches any output, and every picture looks as it did.

The pictures in cases/pictures are a red field with a blue corner and a white spot, 24 × 16 pixels; the JPEG and the
WebP have a colour profile.
"""

import re
import struct
import zipfile
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser
from pypdf import PdfReader
from pypdf.generic import StreamObject

from conftest import CASES, CHROMIUM, STAMP, SVG, MakeProject, release
from deckwright.pictures.cleaned import cleaned
from deckwright.pictures.pieces import Picture
from deckwright.project import build, check
from deckwright.quiz.select import Request
from learner import Learner
from test_commands import run
from test_quiz import order, printed

SECRET = b"Jane Doe"
JPEG, PNG, WEBP = ((CASES / "pictures" / f"plain.{ending}").read_bytes() for ending in ("jpg", "png", "webp"))
GIF = bytes.fromhex(
    "474946383961 0200 0100 80 00 00 ff0000 0000ff21f904 00 0a00 00 00 2c 0000 0000 0200 0100 00 02 02 440a 00 3b"
)
SEEN = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")


def exif(turned: int, *, telling: bool = True) -> bytes:
    """EXIF as a camera writes it: a description, an orientation, a date, a place, and a small copy of the picture."""
    if not telling:
        return b"MM\0*\0\0\0\x08\0\x01" + struct.pack(">HHIHH", 0x0112, 3, 1, turned, 0) + bytes(4)
    text = b"PATIENT Jane Doe\0"
    entries = [
        struct.pack(">HHII", 0x010E, 2, len(text), 200),
        struct.pack(">HHIHH", 0x0112, 3, 1, turned, 0),
        struct.pack(">HHII", 0x8769, 4, 1, 100),
        struct.pack(">HHII", 0x8825, 4, 1, 130),
    ]
    tiff = b"MM\0*\0\0\0\x08" + struct.pack(">H", len(entries)) + b"".join(entries) + struct.pack(">I", 160)
    tiff = tiff.ljust(100, b"\0") + b"\0\x01" + struct.pack(">HHII", 0x9003, 2, len(text), 200) + bytes(4)
    return tiff.ljust(130, b"\0") + bytes(70) + text


XMP = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>Jane Doe</x:xmpmeta>"


def segment(code: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, code, len(body) + 2) + body


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def riff(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def jpeg(meta: bytes) -> bytes:
    """The JPEG with segments of a camera in front, where cameras have no JFIF, and a second picture behind it."""
    return JPEG[:2] + segment(0xE1, b"Exif\0\0" + meta) + JPEG[20:]


def png(meta: bytes) -> bytes:
    return PNG[:33] + chunk(b"eXIf", meta) + PNG[33:]


def webp(meta: bytes, more: bytes = b"") -> bytes:
    body = WEBP[12:20] + bytes([WEBP[20] | 0x0C]) + WEBP[21:] + riff(b"EXIF", meta) + more
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


TURNED: dict[str, Callable[[bytes], bytes]] = {"jpg": jpeg, "png": png, "webp": webp}
TELLING = {
    "jpg": jpeg(exif(6))[:-2]
    + segment(0xE1, XMP)
    + segment(0xED, b"Photoshop 3.0\x008BIM Jane Doe")
    + segment(0xE2, b"MPF\0 Jane Doe")
    + segment(0xEB, b"JP Jane Doe")
    + segment(0xFE, SECRET)
    + b"\xff\xd9"
    + JPEG
    + SECRET,
    "png": png(exif(6))[:-12]
    + chunk(b"tEXt", b"Author\0Jane Doe")
    + chunk(b"zTXt", b"Comment\0\0" + zlib.compress(SECRET))
    + chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)
    + chunk(b"tEXt", b"Software\0A program")
    + chunk(b"tIME", bytes(7))
    + chunk(b"prVt", SECRET)
    + PNG[-12:]
    + SECRET,
    "webp": webp(exif(6), riff(b"XMP ", XMP)) + SECRET,
    "gif": GIF[:19]
    + b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"
    + b"!\xfe\x08Jane Doe\0"
    + b"!\xff\x0bXMP DataXMP\x08Jane Doe\0"
    + b"!\x01\x0c"
    + bytes(12)
    + b"\x08Jane Doe\0"
    + GIF[19:]
    + SECRET,
    "svg": b'<?xml version="1.0" encoding="UTF-8"?><!-- Jane Doe --><?robots Jane Doe?>\n'
    b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n'
    b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:i="http://www.inkscape.org/'
    b'namespaces/inkscape" xmlns:dc="http://purl.org/dc/elements/1.1/" width="40" height="40" i:export-filename='
    b'"/home/Jane Doe/x.png" aria-label="Jane Doe" data-name="Jane Doe" onload="Jane Doe()">\n'
    b"<title>Jane Doe</title><desc>Jane Doe</desc><metadata><dc:creator>Jane Doe</dc:creator></metadata>\n"
    b"<i:namedview i:label='Jane Doe'><g>Jane Doe</g></i:namedview><script>/* Jane Doe */</script>\n"
    b"<style><![CDATA[/* Jane Doe */ .a > .b { fill: url('data:image/png;base64,%s') }]]></style>\n"
    b'<g class="a"><text x="2" y="9">5 &lt; 6 &amp; 7</text><rect i:label="Jane Doe" width="9" height="9"/></g>\n'
    b'<image xlink:title="Jane Doe" xlink:href="data:image/jpg;base64,%s" width="24" height="16" y="20"/></svg>\n',
}
TELLING["svg"] %= (b64encode(TELLING["png"]), b64encode(TELLING["jpg"]))
FOUND_IN_JPEG = (
    "EXIF with a description, a GPS position, a date, a small copy of the picture",
    "XMP",
    "IPTC",
    "a program's own data",
    "a comment",
    "data after its end",
)
FOUND_IN_PNG = (FOUND_IN_JPEG[0], "a text (Author)", "a text (Comment)", "XMP", "data after its end")
FOUND = {
    "jpg": FOUND_IN_JPEG,
    "png": FOUND_IN_PNG,
    "webp": (FOUND_IN_JPEG[0], "XMP", "data after its end"),
    "gif": ("a comment", "XMP", "data after its end"),
    "svg": (
        "a path on its author's machine",
        "metadata",
        *(f"in a picture within it, {what}" for what in dict.fromkeys((*FOUND_IN_PNG, *FOUND_IN_JPEG))),
    ),
}
TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp", "gif": "image/gif", "svg": "image/svg+xml"}


def within(data: bytes) -> bytes:
    """Bytes with all that is packed into them: base64, compressed texts."""
    packed = re.findall(rb"base64,([A-Za-z0-9+/=]+)", data)
    whole = data + b"".join(within(b64decode(part)) for part in packed)
    for start in re.finditer(rb"zTXt|iCCP", whole):
        name, _, rest = whole[start.end() :].partition(b"\0")
        whole += name + zlib.decompressobj().decompress(rest[1:])
    return whole


# --- the bytes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", TELLING)
def test_nothing_that_tells_of_a_person_is_left(ending: str) -> None:
    assert SECRET in within(TELLING[ending])
    picture = cleaned(TELLING[ending])
    assert (picture.kind, picture.found, picture.fault) == (TYPES[ending], FOUND[ending], "")
    assert b"Jane" not in within(picture.data)
    assert cleaned(picture.data) == Picture(TYPES[ending], picture.data, ())


def test_what_an_svg_draws_stays_as_written() -> None:
    assert cleaned(SVG).data == SVG
    text = cleaned(TELLING["svg"]).data.decode()
    assert re.sub(r"base64,[\w+/=]*", "base64,", text) == (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="40" height="40">\n'
        "\n\n<style>  .a &gt; .b { fill: url('data:image/png;base64,') }</style>\n"
        '<g class="a"><text x="2" y="9">5 &lt; 6 &amp; 7</text><rect width="9" height="9"/></g>\n'
        '<image xlink:href="data:image/jpeg;base64," width="24" height="16" y="20"/></svg>'
    )
    wide = '<?xml version="1.0" encoding="utf-16"?><svg xmlns="http://www.w3.org/2000/svg"><text>µ\u00a0"</text></svg>'
    assert cleaned(wide.encode("utf-16")).data.decode() == wide.partition("?>")[2]
    font = SVG[:-6] + b"<style>@font-face { src: url(data:font/woff2;base64,d09GMg==) }</style></svg>"
    assert cleaned(font).data == font
    prefixed = (
        b'<a:svg xmlns:a="http://www.w3.org/2000/svg"><a:title>x</a:title><a:g title="&#10;"><a:g> </a:g></a:g></a:svg>'
    )
    assert cleaned(prefixed).data == prefixed.replace(b"<a:title>x</a:title>", b"")


@pytest.mark.parametrize("ending", TURNED)
def test_only_the_orientation_is_left_of_exif(ending: str) -> None:
    for turned in range(1, 9):
        assert cleaned(TURNED[ending](exif(turned))).data == cleaned(TURNED[ending](exif(turned, telling=False))).data
    bare = cleaned(TURNED[ending](exif(8, telling=False)))
    assert (bare.found, bare.fault) == ((), ""), "a bare orientation tells of nobody"


def test_a_profile_keeps_its_numbers_alone() -> None:
    assert cleaned(JPEG).data.count(b"ICC_PROFILE\0\x01\x01") == 1
    texts = [b"s\0R\0G\0B", b"G\0o\0o\0g\0l\0e"]
    assert [text in JPEG for text in texts] == [True, True]
    assert [text in cleaned(JPEG).data for text in texts] == [False, False]
    for name in (b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"wtpt"):
        assert name in cleaned(JPEG).data
    broken = JPEG.replace(b"acsp", b"xxxx")
    assert b"ICC_PROFILE" not in cleaned(broken).data, "browsers do not use it either"


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "it is not a JPEG, PNG, WebP, GIF or SVG file, whatever its name says"),
        (b"\0\0\0\x18ftypheic", "it is not a JPEG, PNG, WebP, GIF or SVG file, whatever its name says"),
        (JPEG[:-2], "it ends in the middle"),
        (JPEG[:400], "it ends in the middle"),
        (b"\xff\xd8\xff\xd9", "it holds no picture"),
        (PNG[:-1], "it ends in the middle"),
        (PNG[:8] + PNG[-12:], "it holds no picture"),
        (PNG[:33] + chunk(b"CgBI", b"") + PNG[33:], "it holds a part that no PNG has (b'CgBI')"),
        (WEBP[:-1], "it ends in the middle"),
        (GIF[:-1], "it ends in the middle"),
        (b"<html/>", 'it is an SVG that does not begin with <svg xmlns="http://www.w3.org/2000/svg">'),
        (b"<svg/>", 'it is an SVG that does not begin with <svg xmlns="http://www.w3.org/2000/svg">'),
        (SVG[:-3], "it is not the XML that an SVG is made of (unclosed token: line 1, column 95)"),
        (SVG.replace(b"circle", b"\xe4"), "it is an SVG that is not written in UTF-8"),
        (SVG.replace(b"<circle", b'<image href="C:\\Jane.png"/><circle'),
         "it is an SVG that shows another file (C:\\Jane.png), which does not travel with it"),
        (SVG.replace(b"<circle", b'<image href="data:image/heic;base64,AAAA"/><circle'),
         "it is not a JPEG, PNG, WebP, GIF or SVG file, whatever its name says"),
        (b'<!DOCTYPE svg [<!ENTITY a "Jane"><!ENTITY b "&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg">&b;</svg>',
         "it is an SVG that declares entities of its own (<!DOCTYPE … [ … ]>)"),
        (b'<!DOCTYPE svg SYSTEM "x.dtd"><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>',
         "it is an SVG with an entity that it does not explain (&a;)"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused(data: bytes, fault: str) -> None:
    assert cleaned(data) == Picture("", b"", (), fault)


PLAIN = {"jpg": JPEG, "png": PNG, "webp": WEBP, "gif": GIF, "svg": SVG}
HEADS = [JPEG[:2], PNG[:8], b"RIFF\x20\0\0\0WEBP", b"GIF89a", b"<", b"\xff\xfe<\0", SVG[:-6], b""]
WHOLE = [*PLAIN.values(), *TELLING.values()]


def survives(data: bytes) -> None:
    picture = cleaned(data)
    assert bool(picture.data) != bool(picture.fault)
    if not picture.fault:
        assert cleaned(picture.data) == Picture(picture.kind, picture.data, ())


@given(st.sampled_from(HEADS), st.binary(max_size=300))
def test_no_bytes_break_it(head: bytes, data: bytes) -> None:
    survives(head + data)


@given(
    st.sampled_from(WHOLE), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 20), st.binary(max_size=8)), max_size=4)
)
def test_no_damage_breaks_it(data: bytes, damages: list[tuple[float, int, bytes]]) -> None:
    for where, gone, new in damages:
        place = int(where * len(data))
        data = data[:place] + new + data[place + gone :]
    survives(data)


@given(
    st.text("<>&;'\"=/! \n\\(ax:)-[]#@", max_size=60),
    st.sampled_from(["{}", "<g {}/>", "<style>{}</style>", "<!{}>", "<g a='{}'/>"]),
)
def test_no_xml_breaks_it(text: str, around: str) -> None:
    survives(SVG[:-6] + around.replace("{}", text).encode() + b"</svg>")


@given(st.lists(st.tuples(st.sampled_from([*range(0xE1, 0xEE), 0xEF, 0xFE]), st.binary(max_size=40)), max_size=5))
def test_whatever_a_program_writes_into_a_jpeg_is_left_out(segments: list[tuple[int, bytes]]) -> None:
    added = b"".join(segment(code, b"x" + body) for code, body in segments)
    assert cleaned(JPEG[:20] + added + JPEG[20:]).data == cleaned(JPEG).data


@pytest.mark.parametrize(
    "data",
    [
        JPEG[:2] + b"\xff" * 1_000_000,
        JPEG[:2] + b"\xff\xfe\0\2" * 100_000,
        PNG[:33] + chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(100_000_000))) * 50 + PNG[33:],
        SVG[:-6] + b"<g>" * 300_000,
        SVG[:-6] + b"<style>" + b'\\"' * 500_000 + b"</style></svg>",
        SVG[:-6] + b"<style>" + b"url(" * 300_000 + b"</style></svg>",
        SVG[:-6] + b"<style>" + b"/*" * 500_000 + b"</style></svg>",
        SVG[:-6] + b"".join(b'<g xmlns:a%d="x">' % n for n in range(50_000)),
    ],
    ids=["fill", "segments", "profiles", "deep", "quotes", "addresses", "comments", "prefixes"],
)
def test_no_picture_takes_long(data: bytes) -> None:
    survives(data)


# --- as it is seen ------------------------------------------------------------------------------------------------

_PIXELS = """addresses => Promise.all(addresses.map(async address => {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const data = context.getImageData(0, 0, canvas.width, canvas.height).data;
    return [canvas.width, canvas.height, Array.from(data).join(" ")];
}))"""


def seen(browser: Browser, ending: str, *pictures: bytes) -> list[list[int | str]]:
    """Width, height and pixels of pictures in Chromium."""
    page = browser.new_page()
    addresses = [f"data:{TYPES[ending]};base64,{b64encode(data).decode()}" for data in pictures]
    pixels: list[list[int | str]] = page.evaluate(_PIXELS, addresses)
    page.close()
    return pixels


@SEEN
@pytest.mark.parametrize("ending", TELLING)
def test_every_pixel_stays(ending: str, browser: Browser) -> None:
    before, after, plain, again = seen(
        browser, ending, TELLING[ending], cleaned(TELLING[ending]).data, PLAIN[ending], cleaned(PLAIN[ending]).data
    )
    assert before == after
    assert plain == again
    if ending in ("jpg", "png"):
        assert after[:2] == [16, 24], "turned by its EXIF"
        assert plain[:2] == [24, 16]


@SEEN
@pytest.mark.parametrize("ending", ["jpg", "png"])  # Chromium does not turn WebP
def test_every_orientation_stays(ending: str, browser: Browser) -> None:
    files = [TURNED[ending](exif(turned)) for turned in range(1, 9)]
    before, after = seen(browser, ending, *files), seen(browser, ending, *(cleaned(data).data for data in files))
    assert before == after
    assert len({str(pixels) for pixels in after}) == 8


@SEEN
def test_a_colour_profile_still_colours(browser: Browser) -> None:
    swapped = JPEG.replace(b"rXYZ", b"?XYZ").replace(b"bXYZ", b"rXYZ").replace(b"?XYZ", b"bXYZ")
    for ending, odd in (
        ("jpg", swapped),
        ("png", PNG[:33] + chunk(b"iCCP", b"Jane Doe\0\0" + zlib.compress(profile())) + PNG[33:]),
    ):
        plain, before, after = seen(browser, ending, PLAIN[ending], odd, cleaned(odd).data)
        assert plain != before == after
        assert b"Jane" not in cleaned(odd).data


def profile() -> bytes:
    """The JPEG's profile, red and blue exchanged."""
    start = JPEG.index(b"ICC_PROFILE\0") + 14
    data = JPEG[start : start + int.from_bytes(JPEG[start : start + 4], "big")]
    return data.replace(b"rXYZ", b"?XYZ").replace(b"bXYZ", b"rXYZ").replace(b"?XYZ", b"bXYZ")


# --- every output -------------------------------------------------------------------------------------------------

CARD = "  - id: {0}-card\n    question: What is this? ![a shape](a.{0})\n    answer: A\n    sources: book\n"
CARDS = "topic: T\ncards:\n" + "".join(map(CARD.format, TELLING))


@pytest.fixture
def telling(project: MakeProject) -> Path:
    return project({"a.yaml": CARDS, **{f"media/a.{ending}": data for ending, data in TELLING.items()}})


def unpacked(path: Path) -> list[bytes]:
    with zipfile.ZipFile(path) as archive:
        return [archive.read(name) for name in archive.namelist()]


def test_no_package_holds_it(telling: Path) -> None:
    built = build(telling, telling / "build", [], STAMP)
    [package] = [path for path, _ in built.written if path.suffix == ".apkg"]
    assert set(unpacked(package)) > {cleaned(data).data for data in TELLING.values()}
    assert not any(b"Jane" in within(data) for data in unpacked(package))


def test_no_quiz_holds_it(telling: Path) -> None:
    logo = telling / "logo.jpg"
    logo.write_bytes(TELLING["jpg"])
    targets = [argument for name in ("pdf", "flashcards", "html", "docx") for argument in ("--to", name)]
    done = run("-C", telling, "quiz", "--name", "q", "--logo", logo, *targets)
    assert done.returncode == 0, done.stderr
    files = {path.name: path for path in (telling / "build").iterdir()}
    for name in ("q.pdf", "q-ANSWERS.pdf", "q-flashcards.pdf"):
        reader = PdfReader(files[name])
        streams = [
            reader.get_object(n) for n in range(1, len(reader.xref_objStm) + sum(map(len, reader.xref.values())))
        ]
        data = [
            stream.get_data() for stream in streams if isinstance(stream, StreamObject) and "/DecodeParms" not in stream
        ]
        raw = [stream._data for stream in streams if isinstance(stream, StreamObject)]
        assert any(JPEG[-100:] in part for part in raw), "the JPEG is in it"
        assert not any(b"Jane" in within(part) for part in (*data, *raw, files[name].read_bytes()))
    html = files["q.html"].read_bytes()
    assert html.count(b'src="data:image/') == len(TELLING)
    assert b"Jane" not in within(html)
    parts = unpacked(files["q.docx"])
    assert {cleaned(TELLING[ending]).data for ending in ("jpg", "png", "gif")} < set(parts), "Word knows these"
    assert not any(b"Jane" in within(part) for part in parts)


def test_a_logo_that_cannot_be_read(project: MakeProject) -> None:
    root = project({"a.yaml": CARDS.replace("![a shape](a", "(")})
    (root / "logo.png").write_bytes(PNG[:50])
    done = run("-C", root, "quiz", "--logo", root / "logo.png")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("logo.png: this picture cannot be used: it ends in the middle\n")


# --- names, and what check says -----------------------------------------------------------------------------------


def test_a_picture_keeps_its_name_and_its_note(
    telling: Path, learner: Learner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who learns a deck from before pictures were cleaned sees no note change."""
    with monkeypatch.context() as before:
        before.setattr("deckwright.pictures.media.cleaned", lambda data: Picture("", data, ()))
        release(telling, STAMP - 86400)
        [package] = (telling / "build").glob("*.apkg")
        assert set(unpacked(package)) > set(TELLING.values())
        learner.imports(package)
    lock = (telling / "cards/released.lock").read_bytes()
    fields = {ending: learner.note(f"{ending}-card").items() for ending in TELLING}
    built = build(telling, telling / "build", [], STAMP, released_only=True)
    assert built.outcome is not None
    assert not built.outcome.unreleased
    assert (telling / "cards/released.lock").read_bytes() == lock
    [package] = (telling / "build").glob("*.apkg")
    assert set(unpacked(package)).isdisjoint(TELLING.values())
    assert learner.imports(package)
    assert {ending: learner.note(f"{ending}-card").items() for ending in TELLING} == fields
    for ending, data in TELLING.items():
        assert f"a-{sha256(data).hexdigest()[:12]}.{ending}" in dict(fields[ending])["Question"]


def test_check_says_what_a_file_still_holds(telling: Path) -> None:
    problems = check(telling, STAMP).problems
    assert [(problem.span.file, problem.code, problem.severity) for problem in problems] == [
        (f"cards/media/a.{ending}", "picture-metadata", "warning") for ending in sorted(TELLING)
    ]
    assert (
        problems[1].message
        == f"this file contains {'; '.join(FOUND['jpg'])}; outputs leave that out, but the file still has it"
    )
    assert "exiftool -all= -tagsfromfile @ -orientation FILE" in problems[1].hint
    assert "plain SVG" in problems[3].hint
    for ending, data in PLAIN.items():
        (telling / f"cards/media/a.{ending}").write_bytes(data)
    (telling / "cards/media/a.jpg").write_bytes(jpeg(exif(6, telling=False)))
    assert check(telling, STAMP).problems == [], "a bare orientation or a colour profile tells of nobody"


def test_check_says_that_a_picture_is_large(project: MakeProject) -> None:
    large = JPEG[:-2] + JPEG[-40:-2].replace(b"\xff", b"\0") * 60_000 + b"\xff\xd9"
    root = project({"a.yaml": "topic: T\ncards:\n" + CARD.format("jpg"), "media/a.jpg": large})
    [problem] = check(root, STAMP).problems
    assert (problem.span.file, problem.code, problem.severity) == ("cards/media/a.jpg", "picture-large", "warning")
    assert problem.message == "this picture is 2.3 MB, which every learner downloads"


@pytest.mark.parametrize(
    ("attributes", "added"),
    [
        ('width="40" height="40"', ""),
        ("width='4cm' height='40mm'", ""),
        ('viewBox="0 0 400 470"', 'width="400" height="470"'),
        ('width="100%" height="100%" viewBox="-1,2,30.5,40"', 'width="30.5" height="40"'),
        ('width="40"', 'width="…" height="…"'),
        ('stroke-width="3" line-height="4"', 'width="…" height="…"'),
    ],
)
def test_masks_need_a_drawing_with_a_size(attributes: str, added: str, project: MakeProject) -> None:
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}><rect width="10" height="10"/></svg>'
    masks = "    image: a.svg\n    masks:\n      - answer: The corner\n        at: 0 0 50 50\n    sources: book\n"
    card = f"  - id: corner\n    question: Name the marked part.\n{masks}"
    root = project({"a.yaml": f"topic: A\ncards:\n{card}", "media/a.svg": drawing})
    problems = check(root, STAMP).problems
    assert [problem.code for problem in problems] == (["picture-size"] if added else [])
    assert all(added in problem.hint for problem in problems)


def test_only_a_card_that_uses_it_suffers_from_a_broken_picture(telling: Path) -> None:
    (telling / "cards/media/a.gif").write_bytes(GIF[:-3])
    (telling / "cards/media/unused.gif").write_bytes(GIF[:-3])
    found = [problem for problem in check(telling, STAMP).problems if problem.severity == "error"]
    assert [problem.message for problem in found] == ["cards/media/a.gif cannot be used: it ends in the middle"]
    assert found[0].span[:2] == ("cards/a.yaml", CARDS[: CARDS.index("a.gif")].count("\n") + 1)
    assert build(telling, telling / "build", [], STAMP).written == []
    assert printed(telling, Request(ids=("png-card",)), order("q", 1, "html"))
