"""The table of error codes. An entry is never reused; its page is docs/errors/<id>.md."""

from __future__ import annotations

from graphc.record import Record


class Code(Record):
    """A stable code, its slug, and what it means in a few words."""

    id: str
    slug: str
    title: str


CODES: dict[str, Code] = {}


def _code(id: str, slug: str, title: str) -> Code:
    CODES[id] = Code(id, slug, title)
    return CODES[id]


# Text and syntax
UNEXPECTED_TEXT = _code("E0101", "unexpected-text", "the text does not fit the syntax here")
UNKNOWN_CHARACTER = _code("E0102", "unknown-character", "a character that .net files do not use")
UNCLOSED_BRACKET = _code("E0103", "unclosed-bracket", "a bracket or brace that is never closed")
UNMATCHED_BRACKET = _code("E0104", "unmatched-bracket", "a closing bracket that opens nowhere")
UNCLOSED_STRING = _code("E0105", "unclosed-string", "a string without its closing quote")
UNREADABLE_FILE = _code("E0106", "unreadable-file", "a file that cannot be read as UTF-8 text")
BAD_LITERAL = _code("E0107", "bad-literal", "a number or string that Python would not read")
NESTED_TOO_DEEP = _code("E0108", "nested-too-deep", "text nested deeper than anyone writes by hand")

# Names, arguments, imports
UNKNOWN_NAME = _code("E0201", "unknown-name", "a name that stands for nothing here")
UNKNOWN_ARGUMENT = _code("E0202", "unknown-argument", "an argument that the callee does not take")
MISSING_ARGUMENT = _code("E0203", "missing-argument", "an argument that has no default is missing")
REPEATED_ARGUMENT = _code("E0204", "repeated-argument", "an argument given twice")
TOO_MANY_ARGUMENTS = _code("E0205", "too-many-arguments", "more positional arguments than taken")
BAD_ARGUMENT = _code("E0206", "bad-argument", "an argument whose value its rule does not allow")
CONFLICTING_ARGUMENTS = _code(
    "E0207", "conflicting-arguments", "arguments that are right alone and wrong together"
)
NOT_CALLABLE = _code("E0208", "not-callable", "something piped into or called that takes nothing")
IMPORT_NOT_FOUND = _code("E0209", "import-not-found", "an imported file or name that is not there")
IMPORT_CYCLE = _code("E0210", "import-cycle", "files that import each other in a circle")
IMPORT_OUTSIDE_PROJECT = _code(
    "E0211", "import-outside-project", "an import that leaves the project's folder"
)
UNKNOWN_ATTRIBUTE = _code("E0212", "unknown-attribute", "an attribute that a value does not have")
REPEATED_DEFINITION = _code("E0213", "repeated-definition", "a name defined twice in one file")
RESERVED_NAME = _code("E0214", "reserved-name", "a name that the language keeps for itself")

# Tensor types
RANK_MISMATCH = _code("E0301", "rank-mismatch", "a tensor with the wrong number of dims")
SHAPE_MISMATCH = _code("E0302", "shape-mismatch", "shapes that have to agree and do not")
SHAPE_ASSERTION = _code("E0303", "shape-assertion", "an annotation that the tensor's shape denies")
EMPTY_OUTPUT = _code("E0304", "empty-output", "a window larger than what it slides over")
DTYPE_MISMATCH = _code("E0305", "dtype-mismatch", "a dtype that the callee does not take")
UNKNOWN_SIZE = _code("E0306", "unknown-size", "a size that has to be known here and is not")
AXIS_OUT_OF_RANGE = _code("E0307", "axis-out-of-range", "an axis that the tensor does not have")
SHARED_LAYER_MISMATCH = _code(
    "E0308", "shared-layer-mismatch", "a shared layer applied to an input its weights do not fit"
)
INPUT_COUNT = _code("E0309", "input-count", "more or fewer tensors than the callee takes")
OUTPUT_COUNT = _code("E0310", "output-count", "more or fewer names than there are outputs")
INVALID_VALUE = _code("E0311", "invalid-value", "an operation that its operands do not allow")

# Static values and limits
NOT_STATIC = _code("E0401", "not-static", "a value that is not known while checking")
STATIC_TYPE = _code("E0402", "static-type", "a static value of the wrong kind")
STATIC_ERROR = _code("E0403", "static-error", "a static expression that has no value")
LIMIT_EXCEEDED = _code("E0404", "limit-exceeded", "more layers, steps or text than the limit")
NOT_A_TENSOR = _code("E0405", "not-a-tensor", "a tensor is needed where something else stands")

# Model structure
REPEATED_LAYER_NAME = _code("E0501", "repeated-layer-name", "two layers of one model share a name")
NO_OUTPUT = _code("E0502", "no-output", "a model or block without an output")
NO_INPUT = _code("E0503", "no-input", "a model without an input")
RECURSIVE_USE = _code("E0504", "recursive-use", "a block or model that uses itself")
MISPLACED_STATEMENT = _code("E0505", "misplaced-statement", "a statement that does not belong here")
NO_MODEL = _code("E0506", "no-model", "a file without the model asked for")
UNKNOWN_INPUT_SHAPE = _code("E0507", "unknown-input-shape", "a shape given for no known input")
DISCONNECTED_OUTPUT = _code("E0508", "disconnected-output", "an output that no input reaches")
SLASH_IN_NAME = _code("E0509", "slash-in-name", "a layer's or model's name with a slash in it")

# Training
UNKNOWN_TRAIN_KEY = _code("E0601", "unknown-train-key", "a key that train blocks do not have")
LOSS_MISMATCH = _code("E0602", "loss-mismatch", "a loss or metric that the outputs do not fit")
LOSS_NOT_A_NUMBER = _code("E0603", "loss-not-a-number", "a loss that is NaN or infinite")
CHECKPOINT_MISMATCH = _code(
    "E0604", "checkpoint-mismatch", "a checkpoint that this training cannot go on from"
)

# Contracts
REQUIREMENT_FAILED = _code("E0701", "requirement-failed", "a require statement that does not hold")

# Weights and data
UNREADABLE_WEIGHTS = _code(
    "E0801", "unreadable-weights", "a file of weights that cannot be read, or is not safe to"
)
MISSING_WEIGHT = _code("E0802", "missing-weight", "a weight of the model that the file lacks")
EXTRA_WEIGHT = _code("E0803", "extra-weight", "an array in the file that is no weight of the model")
WEIGHT_SHAPE_MISMATCH = _code(
    "E0804", "weight-shape-mismatch", "an array of another shape than the model's weight"
)
WEIGHT_DTYPE_MISMATCH = _code(
    "E0805", "weight-dtype-mismatch", "an array of another dtype than the model's weight"
)
AMBIGUOUS_WEIGHT = _code(
    "E0806", "ambiguous-weight", "a weight that several arrays of the file could be"
)
UNKNOWN_WEIGHTS = _code("E0807", "unknown-weights", "a layer whose weights the file does not say")

# Foreign models
UNREADABLE_MODEL = _code("E0901", "unreadable-model", "a file that holds no Keras model")
MALFORMED_MODEL = _code("E0902", "malformed-model", "a model whose configuration has gaps")
UNKNOWN_FOREIGN_CLASS = _code(
    "E0903", "unknown-foreign-class", "a class of Keras or of its user without a counterpart"
)
FOREIGN_ARGUMENT = _code("E0904", "foreign-argument", "a configuration that cannot be expressed")
IMPORTED_FUNCTION = _code("E0905", "imported-function", "a function that gives no Keras model")
IMPORT_CHECK = _code("E0906", "import-check", "an imported model that does not check")
NOT_IN_KERAS = _code("E0907", "not-in-keras", "what Keras' configurations have no words for")

# Data
UNREADABLE_DATA = _code("E1001", "unreadable-data", "a file of data that cannot be read")
DATA_MISMATCH = _code("E1002", "data-mismatch", "arrays that the inputs of the model do not take")
NOT_RUNNABLE = _code("E1003", "not-runnable", "a layer whose computation is not known")

# Data to train on
MISSING_DATA = _code("E1101", "missing-data", "an input or a target that the data does not have")
EXAMPLE_COUNT = _code(
    "E1102", "example-count", "arrays with different numbers of examples, or none"
)
TARGET_MISMATCH = _code("E1103", "target-mismatch", "targets that the loss does not take")
TARGET_OUT_OF_RANGE = _code(
    "E1104", "target-out-of-range", "targets with values that the loss has no meaning for"
)
NOT_FINITE = _code("E1105", "not-finite", "data with a NaN or an infinity in it")

# Warnings
UNUSED_LAYER = _code("W0101", "unused-layer", "a layer that reaches no output")
SHAPES_UNKNOWN = _code("W0102", "shapes-unknown", "a model whose input shape is not given")
MASK_DROPPED = _code("W0103", "mask-dropped", "a mask that ends at a layer which cannot use it")
OPAQUE_LAYER = _code("W0104", "opaque-layer", "a layer of which only the outside is known")
LEFT_OUT = _code("W0105", "left-out", "something of an imported model that is left out")
DATA_RESHAPED = _code("W0106", "data-reshaped", "data in another shape, of as many numbers")
UNSCALED_PIXELS = _code("W0107", "unscaled-pixels", "pixels up to 255 that no layer rescales")
CLASSES_NUMBERED = _code("W0108", "classes-numbered", "classes by their names, which got numbers")
NOTHING_TO_TRAIN = _code(
    "W0109", "nothing-to-train", "a train block for a model without weights to train"
)
