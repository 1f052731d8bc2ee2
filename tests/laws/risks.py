"""What can be insured, and insurance, of the sample books."""

from typing import Any

from headframe.positions.cover import Cover
from headframe.positions.il_cover import ImpermanentLossCover
from headframe.processes.contract_risk import ContractRisk


def contracts(**changes: Any) -> ContractRisk:
    """Two protocols that break on many paths within a sample, often together."""
    usual: dict[str, Any] = {
        "name": "contracts",
        "protocols": {
            "bank": {"per_year": 10.0, "recovery": 0.3},
            "dex": {"per_year": 5.0, "recovery": 0.0},
        },
        "common_share": 0.5,
        "common_per_year": 8.0,
    }
    return ContractRisk(**(usual | changes))


def cover(**changes: Any) -> Cover:
    """Cover that is paid late, refused at times, and renewed twice within a sample."""
    usual: dict[str, Any] = {
        "name": "cover",
        "asset": "usdc",
        "amount": 5_000.0,
        "insures": "contracts_bank_kept",
        "mutual": {"capacity": 10_000.0, "used": 4_500.0, "base_price": 0.05},
        "period_s": "7d",
        "deductible": 0.05,
        "accepted": 0.8,
        "assessed_s": "2d",
    }
    return Cover(**(usual | changes))


def il_cover(**changes: Any) -> ImpermanentLossCover:
    """Cover of impermanent loss that grows with time, bought again every week."""
    usual: dict[str, Any] = {
        "name": "cover",
        "token0": "eth",
        "token1": "usdc",
        "asset": "usdc",
        "amount": 5_000.0,
        "price": 0.1,
        "period_s": "7d",
        "deductible": 0.001,
        "full_s": "10d",
    }
    return ImpermanentLossCover(**(usual | changes))
