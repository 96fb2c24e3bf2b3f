"""How fast do the signals move? Writes results/spectra/real.json.

    python benchmarks/spectra.py

The power spectrum of each signal, read from the videos of the real recordings, averaged over the
sessions; a minute or two on two processor cores."""
from pathlib import Path

from gingerbread_crnn.core import measured_once
from gingerbread_crnn.data.decoding import decode_all
from gingerbread_crnn.data.explore import signal_spectra
from gingerbread_crnn.data.sources import load_dataset

FILE = Path(__file__).resolve().parent.parent / "results" / "spectra" / "real.json"


def main():
    dataset = load_dataset("real")

    def measure():
        recordings = decode_all(dataset)
        spectra = signal_spectra(recordings)
        return {"sessions": len(recordings), "hertz": spectra.index.tolist(),
                "spectra": {name: [float(f"{value:.4g}") for value in spectra[name]]
                            for name in spectra}}

    content = measured_once(FILE, {"data": str(dataset)}, measure)
    print(f"{content['sessions']} sessions, {len(content['hertz'])} frequencies")


if __name__ == "__main__":
    main()
