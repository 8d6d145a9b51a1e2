"""Processor seconds a second of audio: Ting's encoder (Swift, INT8, streaming) beside ONNX Runtime with the same encoder and
weights, dynamically quantised to INT8, in turns, one thread each.

ONNX Runtime is given the whole utterance at once, which is its best case, and the same in pieces of 0.4 s without any memory of
the past, which is less work than streaming would be; Ting works in chunks of 0.4 s as it does live.
Log-mels are made beforehand for ONNX Runtime and counted for Ting. Neither searches words.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import soundfile
import torch

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..")
sys.path.insert(0, os.path.join(ROOT, "Models", "training", "hear"))
import model as shape  # noqa: E402


class Encoder(torch.nn.Module):
    """Log-mels (1, frames, 80) to scores (1, frames / 2, units)."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, mel):
        states, _ = self.net.encode(mel, torch.tensor([mel.shape[1]]))
        return self.net.head(states).log_softmax(-1)


def onnx_session(net, mel, folder, quantised):
    """An ONNX Runtime session on one thread, and its file."""
    import onnxruntime
    from onnxruntime.quantization import QuantType, quantize_dynamic
    path = os.path.join(folder, "hear.onnx")
    if not os.path.exists(path):
        torch.onnx.export(Encoder(net), (mel,), path, input_names=["mel"], dynamo=False,
                          dynamic_axes={"mel": {1: "frames"}})
    if quantised:
        source, path = path, os.path.join(folder, "hear.int8.onnx")
        quantize_dynamic(source, path, op_types_to_quantize=["MatMul", "Gemm"], per_channel=True,
                         weight_type=QuantType.QInt8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--ting", default=".build/release/ting")
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--recording", default="Tests/Recordings/command.wav")
    p.add_argument("--repeats", type=int, default=3, help="how often the recording is said in one utterance")
    a = p.parse_args()
    torch.set_num_threads(1)
    samples, rate = soundfile.read(a.recording, dtype="float32")
    if rate != 16000:
        raise SystemExit(f"{a.recording}: expected 16 kHz, found {rate} Hz")
    samples = np.tile(samples, a.repeats)
    with open(os.path.join(ROOT, "Models", "training", "hear", "units.txt"), encoding="utf-8") as file:
        units = file.read().split()
    net = shape.Hear(len(units)).eval()
    shape.transfer(net, os.path.join(ROOT, "Models", "hear.safetensors"), units)
    with torch.no_grad():
        mel = net.features(torch.from_numpy(samples)[None])
        expected = Encoder(net)(mel)[0].argmax(-1).numpy()
    seconds = len(samples) / 16000
    names = ("ONNX Runtime INT8", "ONNX Runtime fp32", "ONNX Runtime INT8, pieces", "Ting INT8", "Ting fp32")
    factors = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as folder:
        sessions = [onnx_session(net, mel, folder, quantised) for quantised in (True, False)]
        for session, name in zip(sessions, names):
            same = (session.run(None, {"mel": mel.numpy()})[0][0].argmax(-1) == expected).mean()
            print(f"{name}: the same unit as PyTorch in {100 * same:.1f} % of frames")
        wav = os.path.join(folder, "x.wav")
        soundfile.write(wav, samples, 16000, subtype="PCM_16")
        for _ in range(a.rounds):
            for session, name in zip(sessions, names):
                start = time.process_time()
                session.run(None, {"mel": mel.numpy()})
                factors[name].append((time.process_time() - start) / seconds)
            start = time.process_time()
            for piece in torch.split(mel, 40, 1):
                sessions[0].run(None, {"mel": piece.numpy()})
            factors["ONNX Runtime INT8, pieces"].append((time.process_time() - start) / seconds)
            lines = subprocess.run([a.ting, "bench", "--json", "--no-daemon", "--runs", "3", wav], check=True,
                                   capture_output=True, text=True, env=dict(os.environ, OPENBLAS_NUM_THREADS="1")).stdout
            row = json.loads(lines)["features and encoder, real-time factor"]
            factors["Ting INT8"].append(row["int8"])
            factors["Ting fp32"].append(row["float32"])
    for name, values in factors.items():
        print(f"{name}: real-time factor {statistics.median(values):.4f} (lowest {min(values):.4f} of {len(values)})")
    ours = statistics.median(factors["Ting INT8"])
    whole, pieces = (statistics.median(factors[k]) / ours for k in ("ONNX Runtime INT8", "ONNX Runtime INT8, pieces"))
    print(f"Ting is {whole:.2f} times as fast as the whole, {pieces:.2f} times as the pieces ({seconds:.1f} s of audio)")


if __name__ == "__main__":
    main()
