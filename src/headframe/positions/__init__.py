"""What is owned: one file a position. `BUILT_IN` says what a book may name."""

BUILT_IN = {
    "aave_v3": "headframe.positions.aave_v3:AaveV3",
    "btc_loan": "headframe.positions.btc_loan:BtcLoan",
    "compound_v3": "headframe.positions.compound_v3:CompoundV3",
    "cover": "headframe.positions.cover:Cover",
    "delegation": "headframe.positions.delegation:Delegation",
    "farm": "headframe.positions.farm:YieldFarm",
    "future": "headframe.positions.future:Future",
    "gearbox_v3": "headframe.positions.gearbox_v3:GearboxV3",
    "option": "headframe.positions.option:Option",
    "held_asset": "headframe.positions.held_asset:HeldAsset",
    "il_cover": "headframe.positions.il_cover:ImpermanentLossCover",
    "lending": "headframe.positions.lending:Lending",
    "levered": "headframe.positions.levered:Levered",
    "levered_v3": "headframe.positions.levered_v3:LeveredV3",
    "loan": "headframe.positions.loan:Loan",
    "stableswap": "headframe.positions.stableswap:Stableswap",
    "staking": "headframe.positions.staking:Staking",
    "morpho_blue": "headframe.positions.morpho_blue:MorphoBlue",
    "synthetic_debt": "headframe.positions.synthetic_debt:SyntheticDebt",
    "uniswap_v2": "headframe.positions.uniswap_v2:UniswapV2",
    "uniswap_v3": "headframe.positions.uniswap_v3:UniswapV3",
    "vault": "headframe.positions.vault:Vault",
    "vote_escrow": "headframe.positions.vote_escrow:VoteEscrow",
    "mine": "headframe.positions.mine:Mine",
}
"""Kinds of position by the name that a book uses."""
