"""Builds the model of exported Keras source and tells shapes and parameters, layer by layer.

Started by `cnnstudio verify` in the interpreter that has Keras: reads a request and writes an answer, both JSON.
"""

import importlib.util
import json
import math
import os
import sys
import warnings

NAME = "<exported>"
BACKENDS = ("tensorflow", "torch", "jax")


def main(request_path, answer_path):
    with open(request_path, encoding="utf-8") as file:
        request = json.load(file)
    with open(answer_path, "w", encoding="utf-8") as file:
        json.dump(probe(request), file)


def probe(request):
    warnings.simplefilter("ignore")
    if importlib.util.find_spec("keras") is None:
        return {"missing": "keras"}
    there = [name for name in BACKENDS if importlib.util.find_spec(name) is not None]
    if "KERAS_BACKEND" not in os.environ:
        if not there:
            return {"missing": "torch"}
        os.environ["KERAS_BACKEND"] = there[0]
    import keras

    space = {"__name__": "exported"}
    exec(compile(request["source"], NAME, "exec"), space)
    tracer = Tracer(request["variables"], request["name"])
    sys.settrace(tracer)
    try:
        model = space[request["name"]]()
    finally:
        sys.settrace(None)
    return {
        "version": f"keras {keras.__version__} on {keras.backend.backend()}",
        "shapes": [[scope, line, shape] for (scope, line), shape in tracer.shapes.items()],
        "layers": {layer.name: counts(layer) for layer in model.layers},
    }


def counts(layer):
    every = sum(math.prod(weight.shape) for weight in layer.weights)
    trainable = sum(math.prod(weight.shape) for weight in layer.trainable_weights)
    return {"stored": every, "trainable": trainable}


class Tracer:
    """Looks at the variable that a line assigns, after the line."""

    def __init__(self, variables, main_name):
        self.variables = {int(line): name for line, name in variables.items()}
        self.main_name = main_name
        self.shapes = {}

    def __call__(self, frame, event, arg):
        if event != "call" or frame.f_code.co_filename != NAME:
            return None
        if frame.f_code.co_name == self.main_name:
            return Follower(self, "")
        scope = frame.f_locals.get("name")
        return Follower(self, scope) if isinstance(scope, str) else None


class Follower:
    """Follows the lines of one call."""

    def __init__(self, tracer, scope):
        self.tracer, self.scope, self.line = tracer, scope, None

    def __call__(self, frame, event, arg):
        name = self.tracer.variables.get(self.line)
        value = frame.f_locals.get(name) if name is not None else None
        shape = getattr(value, "shape", None)
        if shape is not None and len(shape):
            *sizes, channels = shape[1:]
            self.tracer.shapes[self.scope, self.line] = [channels, *sizes]
        self.line = frame.f_lineno
        return self


if __name__ == "__main__":
    main(*sys.argv[1:])
