"""Files of headers: verified in pieces, in bounded memory, and refused by height and rule."""

import tracemalloc
from dataclasses import replace

import pytest

from headframe.errors import InputError
from headframe.exact import bitcoin
from headframe.studies import header_file
from headframe.studies.header_file import read_context, verify_file

EASY = replace(bitcoin.REGTEST, genesis_hash=None)
RETARGETED = replace(bitcoin.PRIVATE, name="retargeted", spacing_s=1, limit_target=2**249 - 1)


@pytest.fixture(scope="module")
def chain() -> bytes:
    """5,000 headers that retarget every 12 blocks, after uneven times."""
    return bitcoin.mine_chain(5_000, chain=RETARGETED, interval_s=lambda h: 1 + (h % 5 == 0))


@pytest.fixture
def write(tmp_path):
    def to_file(raw: bytes, name: str = "headers.bin"):
        path = tmp_path / name
        path.write_bytes(raw)
        return path

    return to_file


def test_pieces_add_up_to_the_whole(chain, write, monkeypatch):
    monkeypatch.setattr(header_file, "PIECE_HEADERS", 777)
    found = verify_file(write(chain), chain=RETARGETED)
    whole = bitcoin.verify_headers(chain, 0, chain=RETARGETED)
    assert (found.count, found.tip_height) == (5_000, 4_999)
    assert found.tip_hash == whole.tip_hash
    assert found.work == whole.work
    assert found.headers_per_s == pytest.approx(5_000 / found.seconds)


@pytest.mark.parametrize("from_height", [12, 1_000, 1_003, 4_991, 4_992])
def test_a_run_from_a_height_needs_the_headers_before_it(chain, write, from_height):
    cut = 80 * from_height
    context = write(chain[:cut][-80 * 40 :], "before.bin")
    part = write(chain[cut:])
    found = verify_file(part, chain=RETARGETED, from_height=from_height, context=context)
    assert found.tip_hash == bitcoin.verify_headers(chain, 0, chain=RETARGETED).tip_hash


def test_the_period_s_first_header_and_the_eleven_before_also_do(write):
    long = bitcoin.mine_chain(60, chain=replace(RETARGETED, interval=30))
    headers = [long[k * 80 : k * 80 + 80] for k in range(60)]
    twelve = write(b"".join([headers[30], *headers[44:55]]), "twelve.bin")
    rules = replace(RETARGETED, interval=30)
    found = verify_file(write(long[55 * 80 :]), chain=rules, from_height=55, context=twelve)
    assert found.count == 5
    assert read_context(twelve, 55, rules).period_start == headers[30]
    thirteen = write(b"".join([headers[30], *headers[43:55]]), "thirteen.bin")
    with pytest.raises(InputError, match="does not link"):
        read_context(thirteen, 55, rules)


def test_low_heights_have_fewer_parents(chain, write):
    context = write(chain[: 80 * 3], "before.bin")
    found = verify_file(write(chain[80 * 3 :]), chain=RETARGETED, from_height=3, context=context)
    assert found.count == 4_997


def broken(chain: bytes, height: int, at: int, value: bytes) -> bytes:
    raw = bytearray(chain)
    raw[80 * height + at : 80 * height + at + len(value)] = value
    return bytes(raw)


@pytest.mark.parametrize(
    ("height", "at", "value", "said"),
    [
        (3_000, 76, b"\xff\xff\xff\xff", "high-hash: header 3000: hash"),
        (3_000, 4, b"\x00" * 32, "prev-blk-not-found: header 3000: it points to 0000"),
        (3_001, 72, b"\x01\x00\x00\x1f", "bad-diffbits: header 3001: bits 0x1f000001"),
        (3_000, 72, b"\x01\x00\x80\x1f", "the sign bit is set"),
        (2_999, 72, b"\xff\xff\x7f\x22", "bad-diffbits: header 2999"),
    ],
)
def test_a_bad_header_is_named_by_height_and_rule(
    chain, write, monkeypatch, height, at, value, said
):
    monkeypatch.setattr(header_file, "PIECE_HEADERS", 1_000)
    with pytest.raises(InputError) as caught:
        verify_file(write(broken(chain, height, at, value)), chain=RETARGETED)
    assert str(caught.value).startswith("headers.bin: ")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_time_before_the_median_is_named(write):
    raw = bitcoin.mine_chain(40, chain=EASY, interval_s=lambda h: -4_000 if h == 30 else 600)
    with pytest.raises(InputError, match="time-too-old: header 30"):
        verify_file(write(raw), chain=EASY)


def test_headers_out_of_order_are_named(chain, write):
    swapped = chain[:8_000] + chain[8_080:8_160] + chain[8_000:8_080] + chain[8_160:]
    with pytest.raises(InputError, match=r"prev-blk-not-found: header 100: .*out of order"):
        verify_file(write(swapped), chain=RETARGETED)


def test_files_that_are_no_headers(chain, write, tmp_path):
    with pytest.raises(InputError, match=r"headers.bin: header 5000.*cut short"):
        verify_file(write(chain + b"\x00"), chain=RETARGETED)
    with pytest.raises(InputError, match="holds no headers"):
        verify_file(write(b""), chain=RETARGETED)
    with pytest.raises(InputError, match="cannot be read: No such file"):
        verify_file(tmp_path / "absent", chain=RETARGETED)
    with pytest.raises(InputError, match="cannot be read"):
        verify_file(tmp_path, chain=RETARGETED)
    with pytest.raises(InputError, match="bad-genesis: header 0"):
        verify_file(write(bitcoin.mine_chain(2, chain=EASY)), chain=bitcoin.REGTEST)


def test_contexts_that_do_not_serve(chain, write):
    part = write(chain[80_000:])
    before = write(chain[79_200:80_000], "before.bin")
    with pytest.raises(InputError, match="--from-height"):
        verify_file(part, chain=RETARGETED, from_height=-1)
    with pytest.raises(InputError, match="--context: the headers before height 1000"):
        verify_file(part, chain=RETARGETED, from_height=1_000)
    with pytest.raises(InputError, match=r"--context: .*none at height 0"):
        verify_file(write(chain), chain=RETARGETED, context=before)
    with pytest.raises(InputError, match="the last 11 headers before height 1000"):
        verify_file(part, chain=RETARGETED, from_height=1_000, context=before)
    with pytest.raises(InputError, match="whole headers"):
        read_context(write(b"x" * 81, "odd.bin"), 1_000, RETARGETED)
    skipped = write(chain[78_400:79_200] + chain[79_280:80_000], "skipped.bin")
    with pytest.raises(InputError, match="header 991: does not link"):
        read_context(skipped, 1_000, RETARGETED)


def test_memory_is_that_of_one_piece(chain, write, monkeypatch):
    monkeypatch.setattr(header_file, "PIECE_HEADERS", 250)
    verify_file(write(chain[: 80 * 300]), chain=RETARGETED)
    peaks = []
    for count in (500, 5_000):
        path = write(chain[: 80 * count])
        tracemalloc.start()
        verify_file(path, chain=RETARGETED)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # The longer file is 360,000 bytes longer.
    assert peaks[1] < peaks[0] + 30_000
