"""LitServe: JSON by FastAPI, batching, one worker process a model."""

import litserve

import workload

ARGUMENTS = workload.arguments()
MODEL = workload.MODELS[ARGUMENTS.model]


class Inference(litserve.LitAPI):
    def setup(self, device):
        self.session = workload.Session(ARGUMENTS.model, ARGUMENTS.path)

    def decode_request(self, request):
        return workload.from_lists(MODEL, request)

    def batch(self, inputs):
        return len(inputs), workload.join(inputs)

    def predict(self, inputs):
        count, joined = inputs
        return workload.split(self.session.run(joined), count)

    def unbatch(self, output):
        return output

    def encode_response(self, output):
        return {name: values.ravel().tolist() for name, values in output.items()}


if __name__ == "__main__":
    workload.environment()
    apis = [
        Inference(max_batch_size=MODEL.rows, batch_timeout=0.001, api_path=f"/{name}")
        for name in workload.names(ARGUMENTS.copies)
    ]
    server = litserve.LitServer(
        apis, accelerator="cpu", workers_per_device=1, fast_queue=True, timeout=False
    )
    server.run(
        host="127.0.0.1", port=ARGUMENTS.port, generate_client_file=False, log_level="warning",
        access_log=False,
    )
