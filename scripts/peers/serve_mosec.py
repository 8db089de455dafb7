"""mosec: raw bytes in and out, dynamic batching, one worker process."""

import sys

import workload

ARGUMENTS = workload.arguments()
# mosec reads the command line itself.
sys.argv = [sys.argv[0], "--port", str(ARGUMENTS.port), "--log-level", "warning"]

from mosec import Runtime, Server, Worker  # noqa: E402

MODEL = workload.MODELS[ARGUMENTS.model]


class Inference(Worker):
    resp_mime_type = "application/octet-stream"

    def __init__(self):
        self.session = workload.Session(ARGUMENTS.model, ARGUMENTS.path)

    def deserialize(self, data):
        return workload.from_bytes(MODEL, data)

    def serialize(self, data):
        return b"".join(data[name].tobytes() for name in MODEL.outputs)

    def forward(self, data):
        outputs = self.session.run(workload.join(data))
        return workload.split(outputs, len(data))


# Each runtime needs a class of its own, which its worker process finds by name.
for name in workload.names(ARGUMENTS.copies):
    globals()[name] = type(name, (Inference,), {"__module__": __name__})

if __name__ == "__main__":
    server = Server()
    routes = {}
    for name in workload.names(ARGUMENTS.copies):
        worker = globals()[name]
        routes[f"/{name}"] = [Runtime(worker, num=1, max_batch_size=MODEL.rows, max_wait_time=1)]
    server.register_runtime(routes)
    server.run()
