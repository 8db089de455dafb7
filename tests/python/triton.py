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
for coding in ("gzip", "deflate"):
    answer = client.infer(
        model,
        [given],
        outputs=[wanted],
        request_compression_algorithm=coding,
        response_compression_algorithm=coding,
    )
    answers.append(answer.as_numpy("target_label"))
assert all(numpy.array_equal(answers[0], it) for it in answers)

config = client.get_model_config(model)
assert config["max_batch_size"] == 0, config
inputs = [(it["name"], it["data_type"], it["dims"]) for it in config["input"]]
assert inputs == [("bytes", "TYPE_INT32", metadata["inputs"][0]["shape"])], config
[statistics] = client.get_inference_statistics(model)["model_stats"]
assert statistics["inference_count"] == len(answers), statistics
assert statistics["inference_stats"]["success"]["ns"] > 0, statistics

try:
    client.infer("no-such-model", [given])
except triton.InferenceServerException as error:
    assert "no-such-model" in error.message(), error
else:
    raise AssertionError("a model that is not there answered")
try:
    client.get_model_repository_index()
except triton.InferenceServerException as error:
    assert "runs no models" in error.message(), error
else:
    raise AssertionError("a gateway has no repository")
print("asked", len(answers))
