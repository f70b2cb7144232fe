"""The LALR loop over the table that lark makes of net.lark.

lark's own loop would do the same work on the same table, through an object for each token, a
generator and two calls for each step, and its import costs a cold start more than all the parsing
it does (tests/benchmarks/parse.py prints the ratios). Error recovery, too, wants the stacks at hand.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphc.syntax.grammar import ACCEPT, Table
from graphc.syntax.tokens import SOFT_WORDS, Tokens


class Driver:
    """The stacks of one parse: states, the values of symbols, and the tokens they begin with.

    `actions` is an object with a method for each action of the table; `recover` gets the index
    of a token that fits nowhere and returns where to go on, or -1 to end the parse.
    """

    def __init__(
        self,
        table: Table,
        tokens: Tokens,
        actions: object,
        recover: Callable[[Driver, int], int],
        entry: str,
    ) -> None:
        self.table = table
        self.tokens = tokens
        self.recover = recover
        self.states = [table.entries[entry]]
        self.values: list[Any] = [None]
        self.begins = [0]
        self._jumps: list[dict[str, dict[str, int]]] = [{} for _ in table.rows]
        self._steps: list[tuple[int, slice, str, Any]] = [
            (-p.size, slice(1 - p.size, None), p.symbol, getattr(actions, p.action, None))
            for p in table.productions
        ]

    def run(self) -> Any:
        """Parse to the end; the value of the entry symbol, or None if `recover` gave up."""
        rows, steps, kinds = self.table.rows, self._steps, self.tokens.kinds
        states, values, begins, jumps = self.states, self.values, self.begins, self._jumps
        push_state, push_value, push_begin = states.append, values.append, begins.append
        index = 0
        kind = kinds[0]
        row = rows[states[-1]]
        while True:
            step = row.get(kind)
            if step is None:
                if kind in SOFT_WORDS and "NAME" in row:
                    kind = "NAME"
                    continue
                index = self.recover(self, index)
                if index < 0:
                    return None
                kind = kinds[index]
                row = rows[states[-1]]
            elif step >= 0:
                push_state(step)
                push_value(index)
                push_begin(index)
                index += 1
                kind = kinds[index]
                row = rows[step]
            else:
                # The production's values make way for one that begins where the first did.
                size, rest, symbol, action = steps[~step]
                if size == -1:
                    if action is not None:
                        values[-1] = action([values[-1]], begins[-1], index - 1)
                elif size < 0:
                    taken = values[size:]
                    del values[rest], states[rest], begins[rest]
                    values[-1] = action(taken, begins[-1], index - 1)
                elif size == 0:
                    push_state(0)
                    push_value(action([], index, index - 1))
                    push_begin(index)
                else:
                    return values[-1]
                targets = jumps[states[-2]].get(symbol)
                if targets is None or (state := targets.get(kind)) is None:
                    state = self._jump(states[-2], symbol, kind)
                states[-1] = state
                row = rows[state]

    def _jump(self, below: int, symbol: str, kind: str) -> int:
        """Where a symbol leads from a state, before a token of some kind.

        Productions that only pass their one value on would follow, for an operand in an argument
        six of them. They are skipped, and the state behind them remembered.
        """
        state = self.table.rows[below][symbol]
        while (step := self.table.rows[state].get(kind, 0)) < 0:
            size, _, onward, action = self._steps[~step]
            if size != -1 or action is not None:
                break
            state = self.table.rows[below][onward]
        self._jumps[below].setdefault(symbol, {})[kind] = state
        return state

    # For recovery

    def accepts(self, *kinds: str) -> bool:
        """Whether tokens of these kinds could come next."""
        states = self.states.copy()
        return all(self._shift(states, kind) for kind in kinds)

    def _shift(self, states: list[int], kind: str) -> bool:
        while True:
            row = self.table.rows[states[-1]]
            step = row.get(kind)
            if step is None and kind in SOFT_WORDS:
                step = row.get("NAME")
            if step is None:
                return False
            if step >= 0:
                states.append(step)
                return True
            production = self.table.productions[~step]
            if production.action == ACCEPT:
                return True
            if production.size:
                del states[-production.size :]
            states.append(self.table.rows[states[-1]][production.symbol])

    def insert(self, kind: str, index: int) -> None:
        """Take a token that the text lacks before the one at an index."""
        while (step := self.table.rows[self.states[-1]][kind]) < 0:
            size, _, symbol, action = self._steps[~step]
            first, taken = self.begins[size], self.values[size:]
            del self.values[size:], self.states[size:], self.begins[size:]
            value = taken[0] if action is None else action(taken, first, index - 1)
            self.push(self.table.rows[self.states[-1]][symbol], value, first)
        self.push(step, -1, index)

    def push(self, state: int, value: Any, begin: int) -> None:
        """Put a symbol on the stacks."""
        self.states.append(state)
        self.values.append(value)
        self.begins.append(begin)

    def cut(self, depth: int) -> None:
        """Drop all but so many symbols from the stacks."""
        del self.states[depth:], self.values[depth:], self.begins[depth:]
