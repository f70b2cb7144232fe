"""Random models whose tensors all have one shape, so that any edit of the wiring is valid."""

from __future__ import annotations

from random import Random

from graphc.record import Record, replace

WIDTH = 8
UNARY = [
    f"Dense({WIDTH})", f"Dense({WIDTH}, relu)", f"Dense({WIDTH}, tanh)", "ReLU()", "Dropout(0.1)",
    "Dropout(0.2)", "LayerNormalization()", "BatchNormalization()", "LeakyReLU(0.1)",
]  # fmt: skip
OTHER_ARGUMENT = {
    f"Dense({WIDTH})": f"Dense({WIDTH}, use_bias=False)",
    f"Dense({WIDTH}, relu)": f"Dense({WIDTH}, selu)",
    f"Dense({WIDTH}, tanh)": f"Dense({WIDTH}, tanh, kernel_initializer=zeros)",
    "ReLU()": "ReLU(max_value=6)",
    "Dropout(0.1)": "Dropout(0.3)",
    "Dropout(0.2)": "Dropout(0.3)",
    "LayerNormalization()": "LayerNormalization(epsilon=0.01)",
    "BatchNormalization()": "BatchNormalization(momentum=0.5)",
    "LeakyReLU(0.1)": "LeakyReLU(0.3)",
}
MERGING = ["Add()", "Multiply()", "Maximum()"]


class Step(Record):
    """One layer: what it is, the steps or inputs (negative) it takes, and perhaps its name."""

    layer: str
    takes: tuple[int, ...]
    name: str = ""


Steps = dict[int, Step]
"""The steps by a number that edits keep; in order."""


def random_steps(random: Random, *, named: bool = False) -> Steps:
    """A model of some layers, most of them in chains."""
    steps: Steps = {}
    tensors = [-1, -2][: random.randint(1, 2)]
    for number in range(random.randint(2, 14)):
        name = f"layer_{number}" if named and random.random() < 0.4 else ""
        recent = tensors[-2:]
        if len(tensors) > 1 and random.random() < 0.25:
            takes = tuple(random.sample(tensors, 2))
            steps[number] = Step(random.choice(MERGING), takes, name)
        else:
            source = random.choice(recent if random.random() < 0.8 else tensors)
            steps[number] = Step(random.choice(UNARY), (source,), name)
        tensors.append(number)
    return steps


def source_of(steps: Steps, random: Random | None = None) -> str:
    """The .net file; with a `random`, its variables and the order of its statements are any."""
    order = list(steps)
    names = {number: f"t{number}" for number in steps}
    if random is not None:
        order = _any_order(steps, random)
        letters = random.sample(range(1000), len(steps))
        names = {number: f"v{letter}" for number, letter in zip(steps, letters, strict=True)}
    names |= {-1: "a", -2: "b"}
    lines = ["model m {", f"    input a: [{WIDTH}]", f"    input b: [{WIDTH}]"]
    for number in order:
        step = steps[number]
        takes = ", ".join(names[source] for source in step.takes)
        piped = f"[{takes}]" if len(step.takes) > 1 else takes
        label = f" as {step.name}" if step.name else ""
        lines.append(f"    {names[number]} = {piped} -> {step.layer}{label}")
    used = {source for step in steps.values() for source in step.takes}
    ends = [number for number in steps if number not in used]
    for place, number in enumerate(ends):
        lines.append(f"    output out{place} = {names[number]}")
    return "\n".join([*lines, "}"]) + "\n"


def _any_order(steps: Steps, random: Random) -> list[int]:
    waiting, order = list(steps), list[int]()
    while waiting:
        ready = [n for n in waiting if all(s < 0 or s in order for s in steps[n].takes)]
        chosen = random.choice(ready)
        waiting.remove(chosen)
        order.append(chosen)
    return order


# Edits; each gives the steps and the number of what it is about.


def insert(steps: Steps, random: Random) -> tuple[Steps, int]:
    """A layer on all ways out of another one."""
    used = sorted({s for step in steps.values() for s in step.takes})
    source = random.choice(used)
    new = max(steps) + 1
    edited: Steps = {}
    for number, step in steps.items():
        if source in step.takes and new not in edited:
            edited[new] = Step(random.choice(UNARY), (source,))
        takes = tuple(new if each == source else each for each in step.takes)
        edited[number] = replace(step, takes=takes)
    return edited, new


def delete(steps: Steps, random: Random) -> tuple[Steps, int] | None:
    """One layer less in a chain; what took from it takes what it took."""
    used = {s for step in steps.values() for s in step.takes}
    chosen = [n for n, step in steps.items() if len(step.takes) == 1 and n in used]
    if not chosen:
        return None
    gone = random.choice(chosen)
    (source,) = steps[gone].takes
    edited = {
        number: replace(step, takes=tuple(source if s == gone else s for s in step.takes))
        for number, step in steps.items()
        if number != gone
    }
    return edited, gone


def change(steps: Steps, random: Random) -> tuple[Steps, int] | None:
    """Another argument of one layer."""
    chosen = [number for number, step in steps.items() if step.layer in OTHER_ARGUMENT]
    if not chosen:
        return None
    number = random.choice(chosen)
    layer = OTHER_ARGUMENT[steps[number].layer]
    return {**steps, number: replace(steps[number], layer=layer)}, number


def rename(steps: Steps, random: Random) -> tuple[Steps, int]:
    """Another name for one layer."""
    number = random.choice(list(steps))
    return {**steps, number: replace(steps[number], name="renamed")}, number


def swap(steps: Steps, random: Random) -> tuple[Steps, int] | None:
    """Two different layers of a chain change places."""
    users: dict[int, list[int]] = {}
    for number, step in steps.items():
        for source in step.takes:
            users.setdefault(source, []).append(number)
    chosen = [
        (first, users[first][0])
        for first, step in steps.items()
        if len(step.takes) == 1
        and len(users.get(first, ())) == 1
        and len(steps[users[first][0]].takes) == 1
        and steps[users[first][0]].layer != step.layer
    ]
    if not chosen:
        return None
    first, second = random.choice(chosen)
    a, b = steps[first], steps[second]
    return {
        **steps,
        first: replace(b, takes=a.takes),
        second: replace(a, takes=b.takes),
    }, first
