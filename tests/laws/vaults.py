"""Vaults of the sample books."""

from typing import Any

from headframe.positions.vault import Vault


def vault(**changes: Any) -> Vault:
    """A vault with both fees, profit that was locked before, and losses on many paths."""
    usual: dict[str, Any] = {
        "name": "vault",
        "asset": "eth",
        "deposit": {"eth": 2.0, "usdc": 500.0},
        "strategy_apr": 0.3,
        "performance_fee": 0.1,
        "management_fee": 0.02,
        "report_every_s": "3d",
        "unlock_s": "5d",
        "locked_share": 0.01,
        "unlock_left_s": "4d",
        "losses_per_year": 10.0,
        "loss_share": 0.05,
        "harvest_gas_usd": 3.0,
        "vault_usd": 9_000.0,
        "gas_usd": 1.0,
    }
    return Vault(**(usual | changes))
