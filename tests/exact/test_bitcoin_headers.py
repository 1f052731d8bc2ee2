"""Bitcoin's headers: real ones by their hash, whole chains replayed, every refusal by its rule."""

import csv
from dataclasses import replace
from itertools import accumulate
from pathlib import Path

import pytest

from headframe.errors import InputError, InvariantError, Revert
from headframe.exact import bitcoin
from headframe.exact.bitcoin import PRIVATE, Header, HeaderContext

ROWS = [
    line
    for line in (Path(__file__).parent / "vectors" / "bitcoin_headers.csv").read_text().splitlines()
    if not line.startswith("#")
]
REAL = {
    int(row["height"]): (bytes.fromhex(row["header"]), row["hash"]) for row in csv.DictReader(ROWS)
}
FIRST_NINE = b"".join(REAL[height][0] for height in range(9))

GENESIS_MERKLE = "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"
GENESES = [  # chain, merkle root as shown, time, bits, nonce: Bitcoin Core's chain parameters
    (bitcoin.MAINNET, GENESIS_MERKLE, 1231006505, 0x1D00FFFF, 2083236893),
    (bitcoin.TESTNET3, GENESIS_MERKLE, 1296688602, 0x1D00FFFF, 414098458),
    (
        bitcoin.TESTNET4,
        "7aa0a7ae1e223414cb807e40cd57e667b718e42aaf9306db9102fe28912b7b4e",
        1714777860,
        0x1D00FFFF,
        393743547,
    ),
    (bitcoin.SIGNET, GENESIS_MERKLE, 1598918400, 0x1E0377AE, 52613770),
    (bitcoin.REGTEST, GENESIS_MERKLE, 1296688602, 0x207FFFFF, 2),
]


def raws(chain: bytes) -> list[bytes]:
    return [chain[at : at + 80] for at in range(0, len(chain), 80)]


def remined(raw: bytes, chain=PRIVATE, **changes) -> bytes:
    """The header with some fields changed and its work done again."""
    header = replace(bitcoin.parse_header(raw), nonce=0, **changes)
    mined = bitcoin.mine_header(header, chain=chain)
    assert mined is not None
    return mined.raw


def relinked(parts: list[bytes], at: int, chain=PRIVATE, **changes) -> list[bytes]:
    """The run with one header changed, its work done again, and those after it linked anew."""
    parts = list(parts)
    parts[at] = remined(parts[at], chain, **changes)
    for place in range(at + 1, len(parts)):
        digest = bitcoin.header_hash(parts[place - 1])
        parts[place] = remined(parts[place], chain, previous_hash=digest)
    return parts


@pytest.fixture(scope="module")
def chain() -> bytes:
    # Three full periods and a half: fast, slow, then at pace, so that every retarget differs.
    return bitcoin.mine_chain(42, interval_s=lambda h: 3 if h < 12 else 25 if h < 24 else 10)


@pytest.mark.parametrize("height", sorted(REAL))
def test_real_headers_hash_to_their_names_and_meet_their_targets(height):
    raw, shown = REAL[height]
    digest = bitcoin.header_hash(raw)
    assert bitcoin.shown_hash(digest) == shown
    header = bitcoin.parse_header(raw)
    assert bitcoin.check_proof_of_work(digest, header.bits)
    assert bitcoin.serialize_header(header) == raw


def test_fields_of_a_real_header():
    header = bitcoin.parse_header(REAL[125_552][0])
    assert header.version == 1
    assert header.ts == 1305998791
    assert header.bits == 0x1A44B9F2
    assert header.nonce == 2504433986
    assert bitcoin.shown_hash(header.previous_hash).startswith("00000000000008a3")


@pytest.mark.parametrize(("chain", "merkle", "ts", "bits", "nonce"), GENESES)
def test_every_network_starts_at_its_genesis_header(chain, merkle, ts, bits, nonce):
    header = Header(1, bytes(32), bytes.fromhex(merkle)[::-1], ts, bits, nonce)
    raw = bitcoin.serialize_header(header)
    assert bitcoin.header_hash(raw) == chain.genesis_hash
    run = bitcoin.verify_headers(raw, 0, chain=chain)
    assert (run.next_height, run.work) == (1, bitcoin.block_work(bits))
    with pytest.raises(Revert, match="bad-genesis: header 0"):
        bitcoin.verify_headers(raw, 0, chain=replace(chain, genesis_hash=bytes(32)))


def test_the_first_real_blocks_replay():
    run = bitcoin.verify_headers(FIRST_NINE, 0)
    assert run.count == 9
    assert bitcoin.shown_hash(run.tip_hash) == REAL[8][1]
    assert run.work == 9 * 4295032833
    again = bitcoin.verify_headers(raws(FIRST_NINE), 0)
    assert again == run


def test_a_run_can_be_read_in_pieces(chain):
    whole = bitcoin.verify_headers(chain, 0, chain=PRIVATE)
    assert len({bitcoin.parse_header(raw).bits for raw in raws(chain)}) == 4
    for cut in (1, 5, 11, 12, 13, 24, 30, 41):
        head = bitcoin.verify_headers(chain[: 80 * cut], 0, chain=PRIVATE)
        tail = bitcoin.verify_headers(chain[80 * cut :], cut, head.context, chain=PRIVATE)
        assert head.next_height == cut
        assert tail.tip_hash == whole.tip_hash
        assert head.work + tail.work == whole.work
        assert tail.context == whole.context


def test_retargets_are_replayed_from_the_first_to_the_last_of_a_period(chain):
    times = [bitcoin.parse_header(raw).ts for raw in raws(chain)]
    bits = [bitcoin.parse_header(raw).bits for raw in raws(chain)]
    for start in (12, 24, 36):
        # Eleven intervals, not twelve.
        span_s = times[start - 1] - times[start - 12]
        old = bitcoin.target_from_compact(bits[start - 1])[0]
        new = min(old * min(max(span_s, 30), 480) // 120, PRIVATE.limit_target)
        assert bits[start] == bitcoin.compact_from_target(new)


# ---- refusals -------------------------------------------------------------------------------


def refused(headers, from_height=0, context=None, **keywords) -> Revert:
    keywords.setdefault("chain", PRIVATE)
    with pytest.raises(Revert) as caught:
        bitcoin.verify_headers(headers, from_height, context, **keywords)
    return caught.value


def test_a_bad_link_names_the_height(chain):
    parts = raws(chain)
    parts[7] = remined(parts[7], previous_hash=bytes(31) + b"\x01")
    error = refused(parts)
    assert error.data == b"prev-blk-not-found"
    assert error.numbers == {"height": 7}
    assert "header 7" in str(error)
    assert "out of order" not in str(error)


def test_headers_out_of_order_name_the_height_and_where_the_parent_is(chain):
    parts = raws(chain)
    parts[20], parts[21] = parts[21], parts[20]
    error = refused(parts)
    assert error.data == b"prev-blk-not-found"
    assert error.numbers["height"] == 20
    assert "out of order: its parent is header 21 of this run" in str(error)


def test_a_flipped_bit_is_too_little_work(chain):
    parts = raws(chain)
    parts[9] = parts[9][:36] + bytes([parts[9][36] ^ 1]) + parts[9][37:]
    error = refused(parts)
    assert error.data == b"high-hash"
    assert error.numbers["height"] == 9


@pytest.mark.parametrize(
    ("bits", "rule"),
    [
        (0x1F80FFFF, "sign bit"),
        (0xFF123456, "overflows 256 bits"),
        (0x1F000000, "zero"),
        (0x207FFFFF, "above the chain's limit 0x1f7fffff"),
        (0x1F7FFFFE, "its period requires 0x1f7fffff"),
    ],
)
def test_bad_bits_name_the_height_and_the_rule(chain, bits, rule):
    parts = raws(chain)
    parts[5] = bitcoin.serialize_header(replace(bitcoin.parse_header(parts[5]), bits=bits))
    error = refused(parts)
    assert error.data == b"bad-diffbits"
    assert error.numbers["height"] == 5
    assert error.numbers["bits"] == bits
    assert rule in str(error)


def test_the_first_blocks_bits_are_within_the_limit(chain):
    raw = bitcoin.serialize_header(replace(bitcoin.parse_header(chain[:80]), bits=0x207FFFFF))
    error = refused(raw)
    assert (error.data, error.numbers["height"]) == (b"bad-diffbits", 0)
    assert "above the chain's limit" in str(error)


def test_a_wrong_retarget_names_what_was_required(chain):
    parts = raws(chain)
    required = bitcoin.parse_header(parts[12]).bits
    parts[12] = remined(parts[12], bits=required - 1)
    error = refused(parts)
    assert error.data == b"bad-diffbits"
    assert error.numbers == {"height": 12, "bits": required - 1, "required_bits": required}
    assert "the retarget requires" in str(error)


def test_a_time_at_the_median_is_too_old_and_one_after_it_is_not(chain):
    parts = raws(chain)
    times = [bitcoin.parse_header(raw).ts for raw in parts]
    median_ts = sorted(times[19:30])[5]
    assert median_ts < times[29]
    error = refused(relinked(parts[:31], 30, ts=median_ts))
    assert error.data == b"time-too-old"
    assert error.numbers == {"height": 30, "ts": median_ts, "median_ts": median_ts}
    bitcoin.verify_headers(relinked(parts[:31], 30, ts=median_ts + 1), 0, chain=PRIVATE)


def test_the_median_of_a_young_chain_is_cores_upper_middle():
    # Two blocks before: Core takes the later, so a time between them is too old.
    parts = raws(bitcoin.mine_chain(3))
    times = [bitcoin.parse_header(raw).ts for raw in parts]
    error = refused(relinked(parts, 2, ts=times[1] - 1))
    assert error.numbers["median_ts"] == times[1]
    # The context carries the same median into a run that starts later.
    late = relinked(parts, 2, ts=times[1] - 1)
    context = HeaderContext(parts[0], (parts[0], parts[1]))
    assert refused(late[2], 2, context).numbers == error.numbers


def test_the_median_is_of_the_last_eleven_at_every_height():
    rules = replace(bitcoin.REGTEST, genesis_hash=None)
    # Times that run forwards and back, so that the eleven are not simply the newest.
    chain = bitcoin.mine_chain(130, chain=rules, interval_s=lambda h: 50 - 60 * (h % 3 == 0))
    parts = raws(chain)
    times = [bitcoin.parse_header(raw).ts for raw in parts]
    for height in range(1, 130):
        eleven = sorted(times[max(0, height - 11) : height])
        median_ts = eleven[len(eleven) // 2]
        late = remined(parts[height], rules, ts=median_ts)
        error = refused([*parts[:height], late], chain=rules)
        assert error.numbers == {"height": height, "ts": median_ts, "median_ts": median_ts}


def test_versions_have_a_floor(chain):
    rules = replace(PRIVATE, version_floors=((10, 2), (20, 4)))
    parts = raws(chain)
    bitcoin.verify_headers(relinked(parts[:10], 9, version=1), 0, chain=rules)
    error = refused(relinked(parts[:11], 10, version=1), chain=rules)
    assert error.data == b"bad-version"
    assert error.numbers == {"height": 10, "version": 1, "least_version": 2}
    assert refused(relinked(parts[:21], 20, version=3), chain=rules).numbers["height"] == 20
    assert refused(relinked(parts[:11], 10, version=-1), chain=rules).data == b"bad-version"


def test_a_file_cut_short_names_the_height(chain):
    with pytest.raises(InputError, match=r"header 41: .*cut short after 79"):
        bitcoin.verify_headers(chain[:-1], 0, chain=PRIVATE)
    head = bitcoin.verify_headers(chain[:800], 0, chain=PRIVATE)
    with pytest.raises(InputError, match=r"header 12: .*cut short after 3"):
        bitcoin.verify_headers(chain[800:963], 10, head.context, chain=PRIVATE)
    with pytest.raises(InputError, match=r"header 2: .*not 79"):
        bitcoin.verify_headers([*raws(chain)[:2], bytes(79)], 0, chain=PRIVATE)
    with pytest.raises(InputError, match="at least one header"):
        bitcoin.verify_headers(b"", 0)
    with pytest.raises(InputError, match="80 bytes, this one 79"):
        bitcoin.parse_header(bytes(79))
    with pytest.raises(InputError, match="80 bytes, this one 81"):
        bitcoin.header_hash(bytes(81))


def test_a_context_must_fit(chain):
    parts = raws(chain)
    context = bitcoin.verify_headers(chain[: 80 * 30], 0, chain=PRIVATE).context
    rest = chain[80 * 30 :]
    assert context == HeaderContext(parts[24], tuple(parts[19:30]))
    bitcoin.verify_headers(rest, 30, (parts[24], tuple(parts[19:30])), chain=PRIVATE)
    with pytest.raises(InputError, match="the 11 headers before it"):
        bitcoin.verify_headers(rest, 30, chain=PRIVATE)
    with pytest.raises(InputError, match="the 11 headers before height 30"):
        bitcoin.verify_headers(rest, 30, (parts[24], tuple(parts[20:30])), chain=PRIVATE)
    broken = (*parts[19:24], parts[23], *parts[25:30])
    with pytest.raises(InputError, match="header 24 links to header 23"):
        bitcoin.verify_headers(rest, 30, (parts[24], broken), chain=PRIVATE)
    with pytest.raises(InputError, match="header 24, as in parents"):
        bitcoin.verify_headers(rest, 30, (parts[12], tuple(parts[19:30])), chain=PRIVATE)
    with pytest.raises(InputError, match="nothing stands before height 0"):
        bitcoin.verify_headers(chain, 0, context, chain=PRIVATE)
    with pytest.raises(InputError, match="from_height"):
        bitcoin.verify_headers(chain, -1, context, chain=PRIVATE)


def test_another_hash_function_is_used_for_the_whole_run_at_once(chain):
    calls = []

    def counted(raw: bytes) -> bytes:
        calls.append(len(raw))
        return bitcoin.header_hashes(raw)

    bitcoin.verify_headers(chain, 0, chain=PRIVATE, hashes=counted)
    assert calls == [len(chain)]
    with pytest.raises(InvariantError, match="42 digests"):
        bitcoin.verify_headers(chain, 0, chain=PRIVATE, hashes=lambda raw: b"")


# ---- test networks --------------------------------------------------------------------------

TESTING = replace(PRIVATE, name="testing", allow_min_difficulty=True)


def test_chain(chain_rules, elapsed: list[int], bits_at) -> list[bytes]:
    """Mine a chain whose bits are given by hand, block by block."""
    parts, parent = [], bytes(32)
    for height, ts in enumerate(
        accumulate(elapsed, initial=bitcoin.parse_header(FIRST_NINE[:80]).ts)
    ):
        mined = bitcoin.mine_header(
            Header(4, parent, bytes(32), ts, bits_at(height), 0), chain=chain_rules
        )
        parts.append(mined.raw)
        parent = mined.digest
    return parts


test_chain.__test__ = False

HARD = bitcoin.compact_from_target(PRIVATE.limit_target >> 2)
LIMIT = PRIVATE.limit_bits


def test_a_late_block_on_a_test_network_carries_the_limit_and_only_that():
    slow = [10, 10, 21, 10, 21, 21, 20]
    bits = [HARD, HARD, HARD, LIMIT, HARD, LIMIT, LIMIT, HARD]
    parts = test_chain(TESTING, slow, bits.__getitem__)
    bitcoin.verify_headers(parts, 0, chain=TESTING)
    # The main network's rule has no such exception.
    assert refused(parts, chain=PRIVATE).numbers["height"] == 3
    # Twenty seconds are not *more* than two spacings: the period's bits are back.
    bits[7] = LIMIT
    error = refused(test_chain(TESTING, slow, bits.__getitem__), chain=TESTING)
    assert error.numbers == {"height": 7, "bits": LIMIT, "required_bits": HARD}


def test_bip94_retargets_from_the_first_bits_of_a_period():
    elapsed = [10] * 10 + [21] + [10]  # the last block of the period is late: easy bits
    span_s = sum(elapsed[:11])
    for rules, base in ((TESTING, LIMIT), (replace(TESTING, bip94=True), HARD)):
        after = bitcoin.next_bits(base, 0, span_s, chain=rules)
        bits = [HARD] * 11 + [LIMIT, after]
        parts = test_chain(rules, elapsed, bits.__getitem__)
        assert bitcoin.verify_headers(parts, 0, chain=rules).count == 13
        assert refused(parts, chain=rules, bip94=not rules.bip94).numbers["height"] == 12
        assert bitcoin.verify_headers(parts, 0, chain=TESTING, bip94=rules.bip94).count == 13


def test_bip94_bounds_the_time_warp_at_the_start_of_a_period():
    rules = replace(PRIVATE, spacing_s=100, limit_target=2**243 - 1)
    # Eleven blocks far apart, so that a period's first block may lie well before its parent.
    chain = bitcoin.mine_chain(13, chain=rules, interval_s=lambda h: 200 if h < 12 else -600)
    bitcoin.verify_headers(chain, 0, chain=rules, bip94=True)
    chain = bitcoin.mine_chain(13, chain=rules, interval_s=lambda h: 200 if h < 12 else -601)
    bitcoin.verify_headers(chain, 0, chain=rules)
    error = refused(chain, chain=rules, bip94=True)
    assert error.data == b"time-timewarp-attack"
    assert error.numbers["height"] == 12
    assert error.numbers["ts"] == error.numbers["earliest_ts"] - 1


# ---- mining ---------------------------------------------------------------------------------


def test_mean_tries_agree_with_the_target():
    # Tries are geometric with p = (target + 1) / 2^256: mean 1/p, variance (1 - p) / p^2.
    # 600 blocks at p = 1/256: the mean lies within 4 standard errors but once in 16,000 seeds;
    # the merkle roots are fixed, so this run is one and the same every time.
    bits = bitcoin.compact_from_target(2**248)
    rules = replace(PRIVATE, limit_target=2**249, retargets=False)
    tries = [
        bitcoin.mine_header(
            Header(4, bytes(32), place.to_bytes(32, "big"), 0, bits, 0), chain=rules
        ).tries
        for place in range(600)
    ]
    expected = bitcoin.block_work(bits)
    assert expected == 255
    standard_error = expected / len(tries) ** 0.5
    mean = sum(tries) / len(tries)
    assert abs(mean - expected) < 4 * standard_error
    # And a target four times as hard would be noticed.
    assert abs(mean - 4 * expected) > 12 * standard_error


def test_mining_counts_its_tries_and_gives_up_where_told():
    header = Header(4, bytes(32), bytes(32), 0, PRIVATE.limit_bits, 0)
    mined = bitcoin.mine_header(header)
    assert mined.digest == bitcoin.header_hash(mined.raw)
    assert bitcoin.parse_header(mined.raw).nonce == mined.tries - 1
    assert bitcoin.mine_header(header, max_tries=mined.tries - 1) is None
    late = bitcoin.mine_header(replace(header, nonce=mined.tries - 1))
    assert (late.raw, late.tries) == (mined.raw, 1)
    assert bitcoin.mine_header(replace(header, nonce=2**32 - 1, bits=0x03000001)) is None
    with pytest.raises(InputError, match=r"header\.bits.*above the chain's limit"):
        bitcoin.mine_header(replace(header, bits=0x207FFFFF))
    with pytest.raises(InputError, match="max_tries"):
        bitcoin.mine_header(header, max_tries=0)
    with pytest.raises(InputError, match="32 bits"):
        bitcoin.mine_header(replace(header, ts=2**32))
    with pytest.raises(InputError, match="32 bytes"):
        bitcoin.mine_header(replace(header, merkle_root=b"root"))
    with pytest.raises(InputError, match="n_blocks"):
        bitcoin.mine_chain(0)
    with pytest.raises(InputError, match="minimum-difficulty"):
        bitcoin.mine_chain(1, chain=TESTING)


def test_a_regtest_chain_replays():
    rules = replace(bitcoin.REGTEST, genesis_hash=None)
    run = bitcoin.verify_headers(bitcoin.mine_chain(4100, chain=rules), 0, chain=rules)
    assert run.count == 4100
    assert run.work == 4100 * 2
