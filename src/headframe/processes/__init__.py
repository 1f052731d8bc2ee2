"""How the world moves: one file a family of processes. `BUILT_IN` says what a book may name."""

BUILT_IN = {
    "adaptive_rate": "headframe.processes.rates:AdaptiveRate",
    "chain": "headframe.processes.network:Chain",
    "climate": "headframe.processes.climate:Climate",
    "coincident_peak": "headframe.processes.coincident_peak:CoincidentPeaks",
    "constant": "headframe.processes.constant:Constant",
    "emissions": "headframe.processes.emissions:Emissions",
    "event": "headframe.processes.event:Event",
    "exp_ou": "headframe.processes.ou:ExpOU",
    "gas": "headframe.processes.gas:Gas",
    "gbm": "headframe.processes.gbm:GBM",
    "hash_rate": "headframe.processes.network:HashRate",
    "hashprice": "headframe.processes.network:Hashprice",
    "heston": "headframe.processes.heston:Heston",
    "jumps": "headframe.processes.jumps:Jumps",
    "kinked_rate": "headframe.processes.rates:KinkedRate",
    "machine_price": "headframe.processes.machine_price:MachinePrice",
    "mining_race": "headframe.processes.mining_race:MiningRace",
    "oracle": "headframe.processes.oracle:Oracle",
    "ou": "headframe.processes.ou:OU",
    "power": "headframe.processes.power:Power",
    "tvl": "headframe.processes.emissions:Tvl",
    "utilisation": "headframe.processes.ou:Utilisation",
}
"""Kinds of process by the name that a book uses."""
