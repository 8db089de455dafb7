"""Asks the gateway what a file is with Triton's own client, which knows nothing of payment."""

import sys

import numpy
import tritonclient.http as triton

address, model, path = sys.argv[1:]
client = triton.InferenceServerClient(address)
assert client.is_server_live() and client.is_server_ready() and client.is_model_ready(model)
metadata = client.get_model_metadata(model)
assert [it["name"] for it in metadata["inputs"]] == ["bytes"], metadata
length = metadata["inputs"][0]["shape"][1]

with open(path, "rb") as file:
    content = file.read(length)
tensor = numpy.full((1, length), 256, dtype=numpy.int32)
tensor[0, : len(content)] = list(content)

answers = []
for binary in (True, False):
    given = triton.InferInput("bytes", [1, length], "INT32")
    given.set_data_from_numpy(tensor, binary_data=binary)
    wanted = triton.InferRequestedOutput("target_label", binary_data=binary)
    answer = client.infer(model, [given], outputs=[wanted], request_id="mine")
    assert answer.get_response()["id"] == "mine"
    answers.append(answer.as_numpy("target_label"))
assert answers[0].shape == (1, 214), answers[0].shape
assert numpy.array_equal(answers[0], answers[1])

try:
    client.infer("no-such-model", [given])
except triton.InferenceServerException as error:
    assert "no-such-model" in error.message(), error
else:
    raise AssertionError("a model that is not there answered")
print("asked", len(answers))
