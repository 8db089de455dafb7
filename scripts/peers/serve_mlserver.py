"""MLServer: the Open Inference Protocol in JSON, adaptive batching, the model in the server's process."""

import asyncio

import numpy as np
from mlserver import MLModel, MLServer, ModelSettings, Settings
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceResponse

import workload

ARGUMENTS = workload.arguments()
MODEL = workload.MODELS[ARGUMENTS.model]


class Inference(MLModel):
    async def load(self):
        self.session = workload.Session(ARGUMENTS.model, ARGUMENTS.path)
        return True

    async def predict(self, payload):
        inputs = {}
        for sent in payload.inputs:
            kind, _ = MODEL.inputs[sent.name]
            inputs[sent.name] = NumpyCodec.decode_input(sent).astype(kind, copy=False)
        outputs = self.session.run(inputs)
        encoded = [NumpyCodec.encode_output(name, outputs[name]) for name in MODEL.outputs]
        return InferenceResponse(model_name=self.name, id=payload.id, outputs=encoded)


async def main():
    settings = Settings(
        debug=False, host="127.0.0.1", http_port=ARGUMENTS.port, grpc_port=workload.free_port(),
        metrics_port=workload.free_port(), parallel_workers=0, metrics_endpoint=None,
        gzip_enabled=False,
    )
    models = [
        ModelSettings(
            name=name, implementation=Inference, max_batch_size=MODEL.rows, max_batch_time=0.001
        )
        for name in workload.names(ARGUMENTS.copies)
    ]
    server = MLServer(settings)
    await server.start(models)


if __name__ == "__main__":
    workload.environment()
    asyncio.run(main())
