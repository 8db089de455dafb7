"""KServe: the Open Inference Protocol with binary tensors, one process. It does not batch by itself."""

import sys

import workload

ARGUMENTS = workload.arguments()
# KServe reads the command line itself.
sys.argv = [sys.argv[0]]

from kserve import InferOutput, InferResponse, Model, ModelServer  # noqa: E402
from kserve.utils.numpy_codec import from_np_dtype  # noqa: E402

MODEL = workload.MODELS[ARGUMENTS.model]


class Inference(Model):
    def load(self):
        self.session = workload.Session(ARGUMENTS.model, ARGUMENTS.path)
        self.ready = True
        return True

    async def predict(self, payload, headers=None, response_headers=None):
        outputs = self.session.run({sent.name: sent.as_numpy() for sent in payload.inputs})
        answered = []
        for name, values in outputs.items():
            output = InferOutput(name, list(values.shape), from_np_dtype(values.dtype))
            output.set_data_from_numpy(values, binary_data=True)
            answered.append(output)
        return InferResponse(payload.id or "", self.name, answered, use_binary_outputs=True)


if __name__ == "__main__":
    workload.environment()
    models = [Inference(name) for name in workload.names(ARGUMENTS.copies)]
    for model in models:
        model.load()
    ModelServer(http_port=ARGUMENTS.port, enable_grpc=False, workers=1, access_log_format=None).start(models)
