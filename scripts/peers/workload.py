"""The models that every peer serves, and one ONNX Runtime session for them, with one thread.

Requests are rows: `join` makes one run of several, `split` divides its outputs again. As the protocols
that batch want rows in the first dimension, the state of silero-vad travels with its rows first.
"""

import argparse
import os
import shlex
import socket
import sys

import numpy as np
import onnxruntime

TOKENS = 32


class Silero:
    """Speech or not, of a piece of sound: a fraction of a millisecond."""

    rows = 32
    inputs = {"input": (np.float32, (576,)), "state": (np.float32, (2, 128))}
    outputs = {"output": (np.float32, (1,)), "stateN": (np.float32, (2, 128))}

    @staticmethod
    def feed(inputs):
        state = np.ascontiguousarray(np.swapaxes(inputs["state"], 0, 1))
        return {"input": inputs["input"], "state": state, "sr": np.array(16000, np.int64)}

    @staticmethod
    def result(outputs):
        return {"output": outputs[0], "stateN": np.ascontiguousarray(np.swapaxes(outputs[1], 0, 1))}


class MiniLM:
    """An embedding of a sentence of 32 tokens: about ten milliseconds."""

    rows = 8
    inputs = {
        name: (np.int64, (TOKENS,)) for name in ("input_ids", "attention_mask", "token_type_ids")
    }
    outputs = {"sentence_embedding": (np.float32, (384,))}

    @staticmethod
    def feed(inputs):
        return inputs

    @staticmethod
    def result(outputs):
        return {"sentence_embedding": outputs[0]}


MODELS = {"silero": Silero, "minilm": MiniLM}


def arguments():
    """What a server is told."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", choices=MODELS, required=True)
    parser.add_argument("--path", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--copies", type=int, default=1)
    # Peers that read the command line themselves, also in their worker processes, get another one.
    told = os.environ.setdefault("PEER_ARGUMENTS", shlex.join(sys.argv[1:]))
    return parser.parse_args(shlex.split(told))


def names(copies):
    """Under which names so many copies of the model are served."""
    return [f"m{copy}" for copy in range(copies)]


class Session:
    """The model in ONNX Runtime."""

    def __init__(self, model, path):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self.model = MODELS[model]
        self.session = onnxruntime.InferenceSession(
            path, options, providers=["CPUExecutionProvider"]
        )

    def run(self, inputs):
        """Outputs by name, of inputs by name, rows first."""
        return self.model.result(self.session.run(None, self.model.feed(inputs)))


def from_bytes(model, data):
    """One row: the inputs' elements one after the other, little endian."""
    inputs, at = {}, 0
    for name, (kind, shape) in model.inputs.items():
        count = int(np.prod(shape))
        inputs[name] = np.frombuffer(data, kind, count, at).reshape(1, *shape)
        at += count * np.dtype(kind).itemsize
    return inputs


def from_lists(model, lists):
    """One row, of lists by name."""
    return {
        name: np.asarray(lists[name], kind).reshape(1, *shape)
        for name, (kind, shape) in model.inputs.items()
    }


def join(rows):
    """One run, of several rows."""
    if len(rows) == 1:
        return rows[0]
    return {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}


def split(outputs, count):
    """The outputs of each of so many rows."""
    return [{name: values[row : row + 1] for name, values in outputs.items()} for row in range(count)]


def free_port():
    """A port for what a server insists on and nobody asks."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment():
    """Numerical libraries take one thread, as the model does."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
