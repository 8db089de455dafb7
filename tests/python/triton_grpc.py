"""Asks the gateway what a file is with Triton's own client for gRPC, which knows nothing of payment."""

import sys

import numpy
import tritonclient.grpc as triton
from tritonclient.grpc import model_config_pb2

address, model, path = sys.argv[1:]
client = triton.InferenceServerClient(address)
assert client.is_server_live() and client.is_server_ready() and client.is_model_ready(model)
assert client.get_server_metadata().name == "usufruct-gateway"
metadata = client.get_model_metadata(model)
assert [it.name for it in metadata.inputs] == ["bytes"], metadata
length = metadata.inputs[0].shape[1]

with open(path, "rb") as file:
    content = file.read(length)
tensor = numpy.full((1, length), 256, dtype=numpy.int32)
tensor[0, : len(content)] = list(content)
given = triton.InferInput("bytes", [1, length], "INT32")
given.set_data_from_numpy(tensor)
wanted = triton.InferRequestedOutput("target_label")

answers = []
for coding in (None, "gzip", "deflate"):
    answer = client.infer(
        model, [given], outputs=[wanted], request_id="mine", compression_algorithm=coding
    )
    assert answer.get_response().id == "mine"
    answers.append(answer.as_numpy("target_label"))
assert answers[0].shape == (1, 214), answers[0].shape
assert all(numpy.array_equal(answers[0], it) for it in answers)

config = client.get_model_config(model).config
assert config.max_batch_size == 0, config
[read] = config.input
assert (read.name, list(read.dims)) == ("bytes", list(metadata.inputs[0].shape)), config
assert read.data_type == model_config_pb2.TYPE_INT32, config
[statistics] = client.get_inference_statistics(model).model_stats
assert statistics.inference_count >= len(answers), statistics
assert statistics.inference_stats.success.ns > 0, statistics


def refused(call, status, text):
    try:
        call()
    except triton.InferenceServerException as error:
        assert error.status() == f"StatusCode.{status}", error
        assert text in error.message(), error
    else:
        raise AssertionError(f"{text}: it was answered")


refused(lambda: client.infer("no-such-model", [given]), "NOT_FOUND", "no-such-model")
classes = triton.InferRequestedOutput("target_label", class_count=3)
refused(
    lambda: client.infer(model, [given], outputs=[classes]), "INVALID_ARGUMENT", "classification"
)
refused(client.get_model_repository_index, "UNIMPLEMENTED", "no call RepositoryIndex")
print("asked", len(answers))
