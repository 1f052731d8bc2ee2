"""What may be called what: a quantity that reads as a price would build a false chain of prices."""

import pytest
from pydantic import ValidationError

from headframe.processes.emissions import Emissions, Tvl
from headframe.processes.gas import Gas
from headframe.processes.heston import Heston
from headframe.processes.network import Chain, HashRate
from headframe.processes.ou import Utilisation
from headframe.processes.power import Power

OU = {"half_life_s": "2d", "volatility": 1.0}


@pytest.mark.parametrize(
    "make",
    [
        lambda: Utilisation(name="usdc_utilisation", start=0.8, median=0.8, **OU),
        lambda: Tvl(name="farm_tvl", start=1.0, yields=0.1, required_apr=0.1, lag_s="1d"),
        lambda: Chain(name="btc", start_height=0),
        lambda: Gas(name="gas", start_gwei=8.0, median_gwei=8.0, **OU),
    ],
)
def test_a_quantity_may_not_read_as_a_price(make):
    with pytest.raises(ValidationError, match="price of an asset"):
        make()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Power(name="ercot_usd", mean=20.0, **OU), "_per_mwh"),
        (lambda: HashRate(name="btc_hashrate", start_eh_s=900.0, lag_s="90d"), "_eh_s"),
        (
            lambda: Heston(
                name="eth",
                start=1.0,
                start_variance=1.0,
                long_variance=1.0,
                reversion=1.0,
                variance_volatility=1.0,
            ),
            "eth_usd",
        ),
        (
            lambda: Emissions(name="farm", price="cake_usd", tokens_per_s=1.0, tvl="farm_tvl_eur"),
            "currency of price",
        ),
    ],
)
def test_a_name_says_its_unit(make, said):
    with pytest.raises(ValidationError, match=said):
        make()
