"""Strategies for definitions and programs that need one random number each, or hypothesis for every choice.

A definition is made of a thousand choices; drawn one by one by hypothesis they cost more than judging the people.
`made` takes them from a seed, `shown` asks hypothesis, which shrinks them: the same strategy serves both.
"""

import random
from functools import partial, wraps

from hypothesis import strategies as st


class Strategy:
    """A way to make a value from choices; a choice is a function: n -> a whole number from 0 to n - 1."""

    __slots__ = ("_make",)

    def __init__(self, make):
        self._make = make

    def made(self, seed):
        """Return the value of a seed, always the same."""
        return self._make(random.Random(seed).randrange)

    def shown(self):
        """Return the hypothesis strategy of the same values."""
        return _shown(self._make)

    def map(self, function):
        """Return a strategy of what the function makes of the values."""
        return Strategy(lambda choice: function(self._make(choice)))

    def flatmap(self, function):
        """Return a strategy that draws from the strategy that the function makes of a value."""
        return Strategy(lambda choice: function(self._make(choice))._make(choice))


@st.composite
def _shown(draw, make):
    return make(lambda n: draw(_below(n)))


def _below(n, known={}):  # noqa: B006  the cache is meant to stay
    if n not in known:
        known[n] = st.integers(0, n - 1)
    return known[n]


def just(value):
    """Return a strategy of one value."""
    return Strategy(lambda choice: value)


def none():
    """Return a strategy of None."""
    return just(None)


def integers(least, most):
    """Return a strategy of whole numbers, both ends included."""
    return Strategy(lambda choice: least + choice(most - least + 1))


def booleans():
    """Return a strategy of False and True."""
    return Strategy(lambda choice: choice(2) == 1)


def sampled_from(items):
    """Return a strategy of the items."""
    items = tuple(items)
    return Strategy(lambda choice: items[choice(len(items))])


def one_of(*strategies):
    """Return a strategy that draws from one of them; a list of them may be given too."""
    ways = tuple(strategies[0]) if len(strategies) == 1 and isinstance(strategies[0], list) else strategies
    return Strategy(lambda choice: ways[choice(len(ways))]._make(choice))


def lists(items, *, min_size=0, max_size=None, unique=False):
    """Return a strategy of lists; without ``max_size`` of up to four items more than the least."""
    most = min_size + 4 if max_size is None else max_size

    def make(choice):
        size = min_size + choice(most - min_size + 1)
        found = [items._make(choice) for _ in range(size)]
        if unique:
            found = list(dict.fromkeys(found))
            while len(found) < min_size:
                found = list(dict.fromkeys([*found, items._make(choice)]))
        return found

    return Strategy(make)


def tuples(*strategies):
    """Return a strategy of tuples with one value of each."""
    return Strategy(lambda choice: tuple(strategy._make(choice) for strategy in strategies))


def builds(make, *strategies):
    """Return a strategy of what is made of one value of each."""
    return tuples(*strategies).map(lambda values: make(*values))


def composite(function):
    """Turn a function of ``draw`` and more into a function of the rest that returns a strategy."""

    @wraps(function)
    def strategy(*args, **more):
        return Strategy(lambda choice: function(partial(_draw, choice), *args, **more))

    return strategy


def _draw(choice, strategy):
    return strategy._make(choice)
