"""Asks the gateway for embeddings with OpenAI's own client, which knows nothing of payment, and compares
their similarities with those that the model's authors published. Prints how many tokens were used."""

import base64
import sys

import numpy
import openai

address, model = sys.argv[1:]
client = openai.OpenAI(base_url=address, api_key="none is needed", max_retries=0)
assert [it.id for it in client.models.list()] == [model]

# https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2
sentences = [
    "The weather is lovely today.",
    "It's so sunny outside!",
    "He drove to the stadium.",
]
published = numpy.array([[1.0, 0.6660, 0.1046], [0.6660, 1.0, 0.1411], [0.1046, 0.1411, 1.0]])

tokens = 0
for encoding in ("float", "base64"):
    answer = client.embeddings.create(model=model, input=sentences, encoding_format=encoding)
    tokens += answer.usage.total_tokens
    if encoding == "base64":
        rows = [numpy.frombuffer(base64.b64decode(it.embedding), "<f4") for it in answer.data]
    else:
        rows = [it.embedding for it in answer.data]
    vectors = numpy.array(rows)
    assert vectors.shape == (3, 384), vectors.shape
    assert numpy.abs(vectors @ vectors.T - published).max() < 1e-3, vectors @ vectors.T

try:
    client.embeddings.create(model="no-such-model", input="a")
except openai.NotFoundError as error:
    assert "no-such-model" in error.message, error
else:
    raise AssertionError("a model that is not there answered")
print(tokens)
