"""Trading cards: what of them is ours, how it is spliced in, what is wrong with one."""

__all__: list[str] = []
