"""Draw nbs/images/listener.gif, the gingerbread man that moves on the first page: `python
tools/moving_picture.py`.

It shows a listener that we simulated, drawn by our own code: nothing of the real recordings."""
from pathlib import Path

from PIL import Image

from gingerbread_crnn import load_dataset, read_frames

TARGET = Path(__file__).resolve().parent.parent / "nbs/images/listener.gif"
FRAMES = range(800, 980, 3)  # of a video with 30 frames a second: six seconds, ten pictures each
SIZE = 224  # pixels
COLOURS = 128
MILLISECONDS = 100  # that each picture stays
LARGEST = 400_000  # bytes: a first page should be light


def main():
    listeners = load_dataset("synthetic-small")
    frames = read_frames(listeners.video_path("04"), FRAMES, SIZE)
    pictures = [Image.fromarray(frame) for frame in frames]
    # one palette for all pictures, so that nothing flickers and only what moves is stored
    palette = Image.fromarray(frames[::6].reshape(-1, SIZE, 3)).quantize(COLOURS)
    first, *rest = [picture.quantize(palette=palette, dither=Image.Dither.NONE)
                    for picture in pictures]
    first.save(TARGET, save_all=True, append_images=rest, duration=MILLISECONDS, loop=0)
    size = TARGET.stat().st_size
    if size > LARGEST:
        raise SystemExit(f"Found {size} bytes, expected at most {LARGEST}. Take fewer frames.")
    print(f"wrote {TARGET.name}: {len(pictures)} pictures, {size // 1000} kB")


if __name__ == "__main__":
    main()
