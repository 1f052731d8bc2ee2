"""
Closed forms and small solvers, each with its paper.

Every function here is a formula that can be checked by hand: numbers in, numbers out, no state, no
protocol's rounding. Simulations are tested against them, reports quote them beside simulated
results, and a user who wants one answer needs nothing else. A float gives a float, an array an
array of the same shape; rates are decimals per year, volatility is per square root of a year.
"""
