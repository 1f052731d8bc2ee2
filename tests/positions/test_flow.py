"""What of loss-versus-rebalancing comes back as fees, in every position that holds pool tokens."""

import pytest
from scripted import entry, played, scripted

from headframe.positions.levered import Levered
from headframe.positions.levered_v3 import LeveredV3
from headframe.positions.uniswap_v2 import UniswapV2
from headframe.positions.uniswap_v3 import UniswapV3

LP = {"name": "lp", "token0": "eth", "token1": "usdc", "swap_cost": 0.0, "arbitrage_kept": 0.7}
PRICES = {"eth_usd": [2_000.0, 1_800.0, 2_100.0], "usdc_usd": 1.0}
RANGE = {"width": 0.5, "snap": "none"}


@pytest.mark.parametrize(
    "position",
    [
        UniswapV2(**LP, deposit={"usdc": 1e4}),
        Levered(**LP, deposit={"usdc": 1e4}, leverage=2.0),
        UniswapV3(**LP, deposit={"usdc": 1e4}, range=RANGE),
        LeveredV3(**LP, deposit={"usdc": 1e4}, range=RANGE, leverage=2.0),
    ],
    ids=lambda position: position.kind,
)
def test_that_share_of_the_loss_comes_back_as_fees(position):
    chunk = played(scripted(position, values=PRICES, wallet={"usdc": 1e4}))
    lost = entry(chunk, "lp", "rebalancing")[0]
    assert lost < -10.0
    assert entry(chunk, "lp", "fee")[0] == pytest.approx(-0.7 * lost, rel=1e-9)


def test_a_pools_own_price_and_a_share_of_the_loss_exclude_each_other():
    with pytest.raises(ValueError, match="give either pool_price"):
        Levered(**LP, deposit={"usdc": 1e4}, pool_price="eth_usdc_pool_price")
