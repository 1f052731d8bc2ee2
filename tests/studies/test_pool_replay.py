"""
A log recorded from the deployed pool in an EVM, replayed; and what a position in it earned.

`data/uniswap_v3_log.csv` holds 320 events that the bytecode of UniswapV3Pool (@uniswap/v3-core
1.0.1) wrote; `tests/exact/oracle/test_uniswap_v3_log.py` records it anew and compares.
"""

import csv
import json
from collections import Counter
from pathlib import Path

import pytest
from typer.testing import CliRunner

from headframe.apps.cli import app
from headframe.errors import InputError
from headframe.exact import uniswap_v3 as v3
from headframe.exact.uniswap_v3_events import exact_call
from headframe.sources.uniswap_v3_events import read_events
from headframe.sources.uniswap_v3_state import read_state, write_state
from headframe.studies.pool_replay import replay
from headframe.studies.watched_position import Wanted

LOG = Path(__file__).parent / "data" / "uniswap_v3_log.csv"
ROWS = list(csv.DictReader(LOG.open()))
CHECKED = {
    "Initialize": ("tick",),
    "Mint": ("amount0", "amount1"),
    "Burn": ("amount0", "amount1"),
    "Swap": ("amount0", "amount1", "sqrt_price_x96", "liquidity", "tick"),
}


def played(path=LOG, **wanted):
    pool = v3.create_pool(3_000, 60)
    return replay(read_events(path), pool, wanted=Wanted(**wanted) if wanted else None)


def written(rows, path):
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, ROWS[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_every_event_of_the_deployed_pool_agrees():
    found = played()
    assert found.difference is None
    assert found.n_events == len(ROWS) == 320
    assert found.counts["Swap"] == sum(found.named.values()) == 225
    assert len(found.counts) == 9
    assert min(found.named.values()) > 20


def changed(at, column, by, tmp_path):
    """The log with one number changed, and that row's place."""
    rows = [dict(row) for row in ROWS]
    rows[at][column] = str(int(rows[at][column]) + by)
    return written(rows, tmp_path / "log.csv"), f"log.csv line {at + 2}"


def places_of(kind):
    return [at for at, row in enumerate(ROWS) if row["event"] == kind]


@pytest.mark.parametrize("kind", CHECKED)
@pytest.mark.parametrize("by", [1, -1])
def test_a_wei_is_found_at_its_row(tmp_path, kind, by):
    """All but a swap's price, which has tests of its own; the true number is among those told."""
    places = places_of(kind)
    for at in {places[0], places[len(places) // 2], places[-1]}:
        for column in CHECKED[kind]:
            if ROWS[at][column] == "0" or (kind, column) == ("Swap", "sqrt_price_x96"):
                continue
            path, place = changed(at, column, by, tmp_path)
            found = played(path).difference
            assert found.place == place
            true = int(ROWS[at][column])
            told = [one.parts(found.logged) for one in found.explanations]
            assert [(column, true + by, true)] in told
            assert kind == "Swap" or len(told) == 1
            assert found.n_before == at


@pytest.mark.parametrize("by", [1, -1])
def test_one_unit_in_a_price_is_told_wherever_the_log_knows(tmp_path, by):
    """
    A changed price is a swap that stopped at this limit: what the next swap says of it is told.

    At its row, or where the next event cannot follow; or as suspect, with the true price; or as
    unproven, with the bound that the next swap gives. Silent only where an exact input and an exact
    output of the same amounts end at the true and at the changed price: either is a true log.
    """
    ways = Counter()
    for at in places_of("Swap")[::3]:
        path, place = changed(at, "sqrt_price_x96", by, tmp_path)
        found = played(path)
        unproven = {one.place: one.within_x96 for one in found.unproven}
        if found.difference is not None:
            assert place in (found.difference.place, found.difference.after)
            ways["difference"] += 1
        elif found.suspect:
            assert [one.place for one in found.suspect] == [place]
            assert found.suspect[0].expected_x96 == int(ROWS[at]["sqrt_price_x96"])
            ways["suspect"] += 1
        elif place in unproven:
            assert unproven[place] is None or unproven[place] >= 1
            ways["unproven"] += 1
        else:
            assert changed_call(path, at) != changed_call(LOG, at)
            ways["silent"] += 1
    assert ways["difference"] > 30
    assert ways["suspect"] >= 5
    assert ways["silent"] <= 3  # of 75


def changed_call(path, at):
    """What the trader of a row had named, by the replay of the log up to it."""
    pool = v3.create_pool(3_000, 60)
    logs = list(read_events(path))
    replay(logs[:at], pool)
    return exact_call(pool, logs[at].event).named


@pytest.mark.parametrize("by", [10**12, -(10**12)])
def test_a_price_that_moves_a_wei_is_found_at_its_row(tmp_path, by):
    """So far off, a limit there would have changed the amounts."""
    for at in places_of("Swap")[::11]:
        path, place = changed(at, "sqrt_price_x96", by, tmp_path)
        found = played(path)
        assert found.difference.place == place


def test_a_suspect_price_is_replaced_and_the_replay_goes_on(tmp_path):
    at = next(
        at for at in places_of("Swap")
        if played(changed(at, "sqrt_price_x96", 1, tmp_path)[0]).suspect
    )  # fmt: skip
    found = played(changed(at, "sqrt_price_x96", 1, tmp_path)[0])
    assert found.n_events == len(ROWS)
    assert found.pool.sqrt_price_x96 == played().pool.sqrt_price_x96
    assert not found.agrees
    done = asked(tmp_path / "log.csv", "--fee", 3_000)
    assert done.exit_code == 1
    assert "1 logged price is suspect" in done.output
    assert ROWS[at]["sqrt_price_x96"] in done.output
    assert max(map(len, done.output.splitlines())) <= 80


def test_a_limit_at_the_end_of_a_log_is_unproven(tmp_path):
    """Line 25 stops at its limit; the swap after it proves its price, without that none does."""
    proven = played(written(ROWS[:25], tmp_path / "log.csv"))
    assert proven.named["price limit"] == 1
    assert proven.unproven == ()
    cut = played(written(ROWS[:24], tmp_path / "log.csv"))
    assert [(one.place, one.within_x96) for one in cut.unproven] == [("log.csv line 25", None)]
    assert cut.agrees


def test_prices_of_true_limits_are_told_with_what_proves_them():
    """No price of the true log is suspect; what the next swap leaves open is a few units."""
    found = played()
    assert found.agrees
    assert found.suspect == ()
    assert len(found.unproven) < found.named["price limit"]
    assert all(one.within_x96 is None or one.within_x96 < 128 for one in found.unproven)


def test_an_event_left_out_is_found(tmp_path):
    for at, row in enumerate(ROWS[:-60]):
        if row["event"] == "Mint" and at > 13:
            path = written(ROWS[:at] + ROWS[at + 1 :], tmp_path / "log.csv")
            try:
                found = played(path).difference
            except InputError as error:
                assert "log.csv line" in error.place
            else:
                assert found is not None
            return
    pytest.fail("no Mint to leave out")


def test_the_log_of_the_how_to_page_is_the_recorded_one(tmp_path):
    """The page's table is the first rows of this one, with owners shortened."""
    page = (Path(__file__).parents[2] / "docs/how-to/replay.md").read_text(encoding="utf-8")
    table = page.split("# log.csv\n")[1].split("```")[0].splitlines()
    found = list(csv.DictReader(table))
    assert len(found) > 15
    for told, row in zip(found, ROWS, strict=False):
        owner = row["owner"][:6]
        assert told == {name: row[name] for name in told} | {"owner": owner}


def untouched():
    """Positions that were minted once, later than the opening, and left alone: block and key."""
    keys = [(r["owner"], r["tick_lower"], r["tick_upper"]) for r in ROWS if r["owner"]]
    minted = [row for row in ROWS if row["event"] == "Mint" and row["block_number"] != "1000"]
    return [row for row in minted
            if keys.count((row["owner"], row["tick_lower"], row["tick_upper"])) == 1]  # fmt: skip


def test_a_watched_range_earns_what_the_pool_owes_a_position_there():
    """Put in at its very event: before it in its block others may have traded."""
    rows = untouched()
    assert len(rows) >= 3
    assert any(int(row["log_index"]) for row in rows)
    some = 0
    for row in rows:
        lower, upper, amount = (int(row[c]) for c in ("tick_lower", "tick_upper", "amount"))
        found = played(
            tick_lower=lower, tick_upper=upper, liquidity=amount, since=int(row["block_number"]),
            since_log=int(row["log_index"]),
        )  # fmt: skip
        v3.burn(found.pool, row["owner"], lower, upper, 0, now_ts=1_700_000_000)
        owed = found.pool.positions[row["owner"], lower, upper]
        assert (found.earned.fees0, found.earned.fees1) == (owed.tokens_owed0, owed.tokens_owed1)
        some += owed.tokens_owed0 > 0
        assert found.earned.amount0_start == int(row["amount0"])
        assert found.earned.amount1_start == int(row["amount1"])
    assert some


def test_a_small_position_that_is_inserted_earns_the_same():
    """On ticks of its own, so that steps are cut where the pool does not cut them."""
    for lower, upper in ((-200_580, -200_220), (-200_340, -200_280), (-210_000, -190_020)):
        found = played(
            tick_lower=lower, tick_upper=upper, liquidity=10**9, since=1_001, insert=True
        ).earned
        assert found.fees0 > 0
        assert found.inserted.fees0 == pytest.approx(found.fees0, rel=1e-6, abs=2)
        assert found.inserted.fees1 == pytest.approx(found.fees1, rel=1e-6, abs=2)


def test_a_large_position_that_is_inserted_dilutes():
    found = played(tick_lower=-210_000, tick_upper=-190_020, liquidity=10**19, insert=True,
                   since=1_001).earned  # fmt: skip
    assert 0 < found.inserted.fees0 < found.fees0 * 0.8


def test_impermanent_loss_is_that_of_the_closed_form():
    """Full range: 2 sqrt(k) / (1 + k) - 1 at price ratio k (Pintail 2019)."""
    found = played(tick_lower=-887_220, tick_upper=887_220, liquidity=10**18).earned
    k = (found.sqrt_price_end_x96 / found.sqrt_price_start_x96) ** 2
    assert found.impermanent_loss == pytest.approx(2 * k**0.5 / (1 + k) - 1, rel=1e-6)
    assert found.impermanent_loss < 0


def test_from_and_to_cut_the_time():
    blocks = sorted({int(row["block_number"]) for row in ROWS})
    middle = blocks[len(blocks) // 2]
    ticks = {"tick_lower": -203_400, "tick_upper": -198_000, "liquidity": 10**17}
    first = played(**ticks, since=1_001, until=middle).earned
    then = played(**ticks, since=middle + 1).earned
    whole = played(**ticks, since=1_001).earned
    assert first.last_block <= middle < then.first_block
    assert first.n_swaps + then.n_swaps == whole.n_swaps
    assert 0 <= whole.fees0 - first.fees0 - then.fees0 <= 1
    assert 0 <= whole.fees1 - first.fees1 - then.fees1 <= 1


def test_from_and_to_cut_within_a_block():
    """At 1,039 two swaps share a block: between them a position hands over to the next."""
    ticks = {"tick_lower": -203_400, "tick_upper": -198_000, "liquidity": 10**17}
    assert [row["event"] for row in ROWS if row["block_number"] == "1039"][:2] == ["Swap", "Swap"]
    first = played(**ticks, since=1_001, until=1_039, until_log=0).earned
    then = played(**ticks, since=1_039, since_log=1).earned
    assert first.last_block == then.first_block == 1_039
    assert first.sqrt_price_end_x96 == then.sqrt_price_start_x96
    assert first.n_swaps + then.n_swaps == played(**ticks, since=1_001).earned.n_swaps
    told = json.loads(
        asked(LOG, "--fee", 3_000, "--lower", -203_400, "--upper", -198_000, "--liquidity",
              10**17, "--from", "1039:1", "--json").output
    )["position"]  # fmt: skip
    assert (int(told["fees0"]), int(told["fees1"])) == (then.fees0, then.fees1)


def test_a_state_goes_on_where_the_log_was_cut(tmp_path):
    one = written(ROWS[:200], tmp_path / "one.csv")
    two = written(ROWS[200:], tmp_path / "two.csv")
    write_state(played(one).pool, tmp_path / "state.json")
    pool = read_state(tmp_path / "state.json")
    found = replay(read_events(two, priced=True), pool)
    assert found.difference is None
    assert found.pool == played().pool


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("liquidity", "1", "by the ticks"),
        ("tick", 5, "by the price"),
        ("balance0", -1, "0 or more"),
        ("fee_pips", 1_000_000, "a fee below a whole"),
        ("sqrt_price_x96", "0", "a pool's price"),
        ("positions", [], "is not that of its positions"),
        ("ticks", 7, "a list"),
        ("format", 2, "1"),
        ("observations", {}, "is missing"),
    ],
)
def test_a_state_that_cannot_be_is_refused(tmp_path, key, value, said):
    path = tmp_path / "state.json"
    write_state(played().pool, path)
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
    with pytest.raises(InputError, match=said):
        read_state(path)


# the command -------------------------------------------------------------------------------------


def asked(*arguments):
    return CliRunner().invoke(app, ["replay", *map(str, arguments)], catch_exceptions=True)


def test_the_command_says_that_all_agree_within_80_columns():
    done = asked(LOG, "--fee", 3_000, "--lower", -201_000, "--upper", -199_500, "--amount0",
                 10**18, "--amount1", 10**9, "--insert", "--from", 1_001)  # fmt: skip
    assert done.exit_code == 0
    assert "All 320 events agree with the pool, to the last wei." in done.output
    assert "Impermanent loss" in done.output
    assert max(map(len, done.output.splitlines())) <= 80


def test_the_command_names_the_first_difference(tmp_path):
    at = places_of("Swap")[0]
    path, _ = changed(at, "amount0", 1, tmp_path)
    done = asked(path, "--fee", 3_000)
    assert done.exit_code == 1
    assert f"log.csv line {at + 2}: this Swap differs" in done.output
    assert max(map(len, done.output.splitlines())) <= 80
    told = json.loads(asked(path, "--fee", 3_000, "--json").output)
    assert told["agrees"] is False
    logged = int(ROWS[at]["amount0"])
    part = {"name": "amount0", "logged": str(logged + 1), "replayed": str(logged)}
    assert [part] in [one["parts"] for one in told["difference"]["explanations"]]


def test_another_fee_differs_at_the_first_swap(tmp_path):
    done = asked(LOG, "--fee", 500)
    assert done.exit_code == 1
    assert f"uniswap_v3_log.csv line {places_of('Swap')[0] + 2}: this Swap differs" in done.output
    assert "is --fee the pool's?" in done.output


def test_a_difference_that_the_order_of_rows_explains_is_an_error(tmp_path):
    """Two rows of one block exchanged, the first of which already comes out otherwise."""
    at = next(k for k in range(len(ROWS)) if ROWS[k]["event"] == "Swap"
              and ROWS[k + 1]["event"] in ("Swap", "Burn", "Mint")
              and ROWS[k]["block_number"] == ROWS[k + 1]["block_number"])  # fmt: skip
    rows = [*ROWS[:at], ROWS[at + 1], ROWS[at], *ROWS[at + 2 :]]
    done = asked(written(rows, tmp_path / "log.csv"), "--fee", 3_000)
    assert f"log.csv line {at + 3}: goes back in the chain" in str(done.exception)


def test_json_tells_the_position_in_whole_numbers():
    done = asked(LOG, "--fee", 3_000, "--lower", -201_000, "--upper", -199_500, "--liquidity",
                 10**17, "--json")  # fmt: skip
    told = json.loads(done.output)
    assert told["agrees"] is True
    assert int(told["position"]["fees0"]) > 0
    assert told["position"]["inserted"] is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--fee"),
        (("--fee", 7), "--tick-spacing"),
        (("--fee", -1), "0 to 999999"),
        (("--fee", 3000, "--tick-spacing", 0), "1 to 16383"),
        (("--fee", 3000, "--lower", 60), "both ticks"),
        (("--fee", 3000, "--insert"), "give --lower and --upper"),
        (("--fee", 3000, "--lower", 60, "--upper", 60, "--liquidity", 1), "below --upper"),
        (("--fee", 3000, "--lower", 61, "--upper", 120, "--liquidity", 1), "multiple"),
        (("--fee", 3000, "--lower", 0, "--upper", 60), "it, or --amount0"),
        (("--fee", 3000, "--lower", 0, "--upper", 60, "--liquidity", "x"), "a whole number"),
        (("--fee", 3000, "--lower", 0, "--upper", 60, "--amount1", 9), "more: at the price"),
        (("--fee", 3000, "--lower", 0, "--upper", 60, "--liquidity", 1, "--from", "soon"), "block"),
        (("--fee", 3000, "--lower", 0, "--upper", 60, "--liquidity", 1, "--from", 10**8), "up to"),
        (("--fee", 3000, "--lower", 0, "--upper", 60, "--liquidity", 1, "--to", 1), "after"),
        (("--fee", 10_000), "line 3: Mint: the pool refuses"),
        (("--state", "nothing.json"), "No such file"),
    ],
)
def test_bad_arguments_are_one_line(arguments, said):
    done = asked(LOG, *arguments)
    assert isinstance(done.exception, InputError)
    assert said in str(done.exception)
    assert "\n" not in str(done.exception)
