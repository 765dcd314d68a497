"""Pictures: each is first computed into a frozen info object, then drawn.

``heatmap`` a value over two thresholds, a panel per segment; ``equity`` the running sum of net
pnl; ``distribution`` histograms of spreads and pnl; ``halt`` one HALT, ``halts`` many; ``figure``
what they share: fonts, footers, files. Figures are drawn with the Agg canvas and carry
no state from one to the next.
"""
