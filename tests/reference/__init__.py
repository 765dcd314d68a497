"""The slow reference: the trading semantics once more, in plain Python, by another hand.

`frame` puts two lists of candles on one minute grid, `features` computes what is known at each
minute, `lead` and `reversion` list the trades of one parameter set, `report` sums them up,
`golden_btc_week` prints the known numbers of the recorded week, and `frames` (hypothesis) makes
nasty frames and parameters for other tests. Written from the page of definitions alone: nothing
here imports the project, streams, or shares work between rows, so that it can judge code that does.
"""
