"""Triton, as nvidia-pytriton carries it: binary tensors, its dynamic batcher, the Python backend."""

import numpy as np
from pytriton.decorators import batch
from pytriton.model_config import DynamicBatcher, ModelConfig, Tensor
from pytriton.triton import Triton, TritonConfig

import workload

ARGUMENTS = workload.arguments()
MODEL = workload.MODELS[ARGUMENTS.model]


def tensors(ports):
    return [Tensor(name=name, dtype=kind, shape=shape) for name, (kind, shape) in ports.items()]


def inference():
    session = workload.Session(ARGUMENTS.model, ARGUMENTS.path)

    @batch
    def run(**inputs):
        return session.run(inputs)

    return run


if __name__ == "__main__":
    workload.environment()
    config = TritonConfig(
        http_address="127.0.0.1", http_port=ARGUMENTS.port, grpc_port=workload.free_port(),
        metrics_port=workload.free_port(), allow_metrics=False, log_verbose=0,
    )
    with Triton(config=config) as triton:
        for name in workload.names(ARGUMENTS.copies):
            triton.bind(
                model_name=name,
                infer_func=inference(),
                inputs=tensors(MODEL.inputs),
                outputs=tensors(MODEL.outputs),
                config=ModelConfig(
                    batching=True,
                    max_batch_size=MODEL.rows,
                    batcher=DynamicBatcher(max_queue_delay_microseconds=0),
                ),
                strict=False,
            )
        triton.serve()
