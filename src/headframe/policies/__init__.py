"""What we do: one file a policy. `BUILT_IN` says what a book may name."""

BUILT_IN = {
    "hedge": "headframe.policies.hedge:Hedge",
    "stop_loss": "headframe.policies.stop_loss:StopLoss",
    "take_profit": "headframe.policies.take_profit:TakeProfit",
    "delever": "headframe.policies.delever:Delever",
    "rerange": "headframe.policies.rerange:Rerange",
    "compound": "headframe.policies.compound:Compound",
    "alert": "headframe.policies.alert:Alert",
    "follow_volatility": "headframe.policies.follow_volatility:FollowVolatility",
    "ramp_down": "headframe.policies.ramp_down:RampDown",
    "rotate": "headframe.policies.rotate:Rotate",
    "avoid_peaks": "headframe.policies.avoid_peaks:AvoidPeaks",
    "convert": "headframe.policies.convert:Convert",
    "curtail": "headframe.policies.curtail:Curtail",
    "retire": "headframe.policies.retire:Retire",
    "dispatch": "headframe.policies.dispatch:Dispatch",
    "sell_mined": "headframe.policies.sell_mined:SellMined",
    "upgrade": "headframe.policies.upgrade:Upgrade",
}
"""Kinds of policy by the name that a book uses."""
