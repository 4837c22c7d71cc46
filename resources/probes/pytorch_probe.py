"""Runs exported PyTorch source on the meta device and tells shapes, parameters, state and MACs, module by module.

Started by `cnnstudio verify` in the interpreter that has PyTorch: reads a request and writes an answer, both JSON.
"""

import json
import sys
import warnings

NAME = "<exported>"


def main(request_path, answer_path):
    with open(request_path, encoding="utf-8") as file:
        request = json.load(file)
    with open(answer_path, "w", encoding="utf-8") as file:
        json.dump(probe(request), file)


def probe(request):
    warnings.simplefilter("ignore")
    try:
        import torch
        from torch.utils.flop_counter import FlopCounterMode
    except ImportError:
        return {"missing": "torch"}
    space = {"__name__": "exported"}
    exec(compile(request["source"], NAME, "exec"), space)
    with torch.device("meta"):
        net = space[request["name"]]().eval()
        images = [torch.empty(1, *shape) for shape in request["inputs"]]
        counter = FlopCounterMode(display=False)
        tracer = Tracer(request["variables"], {id(module): path for path, module in net.named_modules()})
        with torch.no_grad(), counter:
            sys.settrace(tracer)
            try:
                net(*images)
            finally:
                sys.settrace(None)
    flops = {path.partition(".")[2]: sum(counts.values()) for path, counts in counter.get_flop_counts().items()}
    return {
        "version": f"torch {torch.__version__}",
        "shapes": [[scope, line, shape] for (scope, line), shape in tracer.shapes.items()],
        "layers": {
            **{path: counted(parameter) for path, parameter in net.named_parameters()},
            **{path: counts(module, flops.get(path)) for path, module in net.named_modules()},
        },
    }


def counted(parameter):
    """A parameter that stands beside the modules of a network."""
    learned = parameter.numel()
    return {"parameters": learned, "trainable": learned * parameter.requires_grad, "state": 0, "macs": None}


def counts(module, flops):
    parameters = list(module.parameters())
    learned = sum(tensor.numel() for tensor in parameters)
    stored = {key: tensor for key, tensor in module.state_dict().items() if not key.endswith("num_batches_tracked")}
    return {
        "parameters": learned,
        "trainable": sum(tensor.numel() for tensor in parameters if tensor.requires_grad),
        "state": sum(tensor.numel() for tensor in stored.values()) - learned,
        "macs": None if flops is None else flops // 2,
    }


class Tracer:
    """Looks at the variable that a line assigns, after the line."""

    def __init__(self, variables, paths):
        self.variables = {int(line): name for line, name in variables.items()}
        self.paths = paths
        self.shapes = {}

    def __call__(self, frame, event, arg):
        if event != "call" or frame.f_code.co_filename != NAME or frame.f_code.co_name != "forward":
            return None
        scope = self.paths.get(id(frame.f_locals.get("self")))
        return None if scope is None else Follower(self, scope)


class Follower:
    """Follows the lines of one call."""

    def __init__(self, tracer, scope):
        self.tracer, self.scope, self.line = tracer, scope, None

    def __call__(self, frame, event, arg):
        name = self.tracer.variables.get(self.line)
        value = frame.f_locals.get(name) if name is not None else None
        if value is not None and hasattr(value, "shape"):
            self.tracer.shapes[self.scope, self.line] = list(value.shape)[1:]
        self.line = frame.f_lineno
        return self


if __name__ == "__main__":
    main(*sys.argv[1:])
