"""What befalls a place, and the rules of the house, against sums done by hand."""

import numpy as np
import pytest

from headframe.book_file import book_from_toml
from headframe.chunk import Chunk
from headframe.errors import InputError
from headframe.loop import play
from headframe.place import KEYS
from headframe.position import Order
from headframe.refusals import refuse
from headframe.registry import kinds, tenant
from headframe.runs import check, settings_of
from headframe.types import NEVER_S
from headframe.units import DAY_S

DESK = """
name = "two farms"
horizon = "30d"

[wallet]
usd = 2_000

[process.eth_usd]
kind = "constant"
value = 2000.0

[process.broken]
kind = "event"
at_s = "10d"
before = 1.0
after = 0.25

[process.law]
kind = "event"
at_s = "20d"

[process.outage]
kind = "event"
at_s = "5d"
lasts_s = "10d"

[position.bank]
kind = "lending"
asset = "usd"
deposit = { usd = 1_000 }
supply_apr = 0.0
protocol = "bank"
KEYS

[position.coin]
kind = "held_asset"
asset = "eth"
deposit = { usd = 1_000 }
protocol = "custody"
"""


def played(keys="", **changes):
    book = book_from_toml(DESK.replace("KEYS", keys), overrides=changes)
    chunk = Chunk(book, book.plan(), settings_of(book, 3, None).paths(0, 3))
    play(chunk, book.n_steps)
    return chunk


def test_a_broken_contract_gives_back_its_share():
    chunk = played('kept = "broken"')
    bank = chunk.positions[0]
    assert np.all(bank.mishaps["breached_s"] == 10 * DAY_S)
    assert np.allclose(chunk.books["wallet/usd"], 250.0)
    assert np.allclose(chunk.books["value/bank/breach"], -750.0)
    assert np.allclose(chunk.books["wealth"], chunk.books["opening"] - 750.0, atol=5.0)


def test_a_law_forces_out_at_full_value():
    chunk = played('forced_out = "law"')
    assert np.all(chunk.positions[0].mishaps["forced_out_s"] == 20 * DAY_S)
    assert np.allclose(chunk.books["wallet/usd"], 1_000.0)


def test_no_order_reaches_what_is_frozen():
    stop = '\n[policy.stop]\nkind = "stop_loss"\nposition = "bank"\nbelow = 5_000\n'
    chunk = played('frozen = "outage"' + stop, **{"process.outage.at_s": 0})
    bank = chunk.positions[0]
    assert np.all(bank.mishaps["frozen_s"] == DAY_S)
    assert np.all(chunk.books["clipped"] == 9)  # days 1 to 9; on day 10 the stop gets through
    assert np.allclose(chunk.books["wallet/usd"], 1_000.0)


def test_nothing_befalls_a_place_of_which_nothing_is_said():
    chunk = played()
    assert chunk.positions[0].mishaps.rows == ()
    assert np.all(chunk.books["defaulted_s"] >= NEVER_S)


WRONG = {
    "house.chains": (["ethereum"], "position.bank.chain", "one of ethereum"),
    "house.protocols": (["custody"], "position.bank.protocol", "one of custody"),
    "house.jurisdictions": ([], "position.bank.jurisdiction", "one of none"),
    "house.largest_leverage": (0.5, "house.largest_leverage", "at least 1"),
    "house.chain": (["ethereum"], "house.chain", "did you mean 'chains'"),
    "house.share_per_protocol": (0.4, "position.bank.protocol", "at most 0.4"),
}


@pytest.mark.parametrize("key", WRONG)
def test_house_rules_name_place_value_and_range(key):
    value, place, said = WRONG[key]
    with pytest.raises(InputError) as caught:
        check(book_from_toml(DESK.replace("KEYS", "") + "\n[house]\n", overrides={key: value}))
    assert place in str(caught.value)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_house_caps_leverage(farm_toml):
    with pytest.raises(InputError, match=r"position\.farm\.leverage: 3.*at most 2"):
        book_from_toml(farm_toml + "\n[house]\nlargest_leverage = 2\n")


def test_what_cannot_close_cannot_break():
    text = DESK.replace('kind = "held_asset"', 'kind = "held_asset"\nkept = "no_such_thing"')
    with pytest.raises(InputError, match="no_such_thing"):
        book_from_toml(text.replace("KEYS", ""))


def test_no_position_has_a_key_of_its_own_by_the_name_of_a_place():
    for kind in kinds("position"):
        assert not set(tenant("position", kind).__dataclass_fields__) & set(KEYS), kind


def test_at_its_share_a_position_may_still_be_made_smaller(farm_toml):
    """Half of the desk may be in one protocol, and all of it is: down is let through, up is not."""
    text = farm_toml.replace('kind = "levered"', 'kind = "levered"\nprotocol = "bank"')
    text = text.split("[policy.guard]")[0]
    book = book_from_toml(text + "\n[house]\nshare_per_protocol = 0.5\n")
    chunk = Chunk(book, book.plan(), settings_of(book, 2, None).paths(0, 2))
    seat = chunk.positions[0]
    for target, reached in ((2.0, True), (4.0, False)):
        order = Order(position="farm", verb="lever", mask=np.ones(2, np.bool_), amount=target)
        assert np.all(refuse(chunk, seat, order).mask == reached)
