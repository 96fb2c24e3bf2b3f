"""Draw nbs/images/listener.gif, the gingerbread man that moves on the first page, and favicon.svg,
the small one in a browser's tab: `python tools/moving_picture.py`.

The first is a listener that we simulated. Both are drawn by our own code: nothing of the real
recordings."""
from pathlib import Path

from PIL import Image

from gingerbread_crnn import load_dataset, read_frames
from gingerbread_crnn.data.animation import DISCS, RASTER, outline

IMAGES = Path(__file__).resolve().parent.parent / "nbs/images"
TARGET, SMALL = IMAGES / "listener.gif", IMAGES / "favicon.svg"
DOUGH, ICING = "#b5763a", "#5c3413"
COLOURS_OF_DISCS = {"pupil_dilation": "#35b35a", "electrodermal_activity": "#3f7fe0",
                    "blood_volume_pulse": "#d8483e", "skin_temperature": "#e8e8e8"}
DISC_RADIUS = 64  # of the large raster's pixels: in a tab, nobody would see a smaller one
FRAMES = range(800, 980, 3)  # of a video with 30 frames a second: six seconds, ten pictures each
SIZE = 224  # pixels
COLOURS = 128
MILLISECONDS = 100  # that each picture stays
LARGEST = 400_000  # bytes: a first page should be light


def draw_small():
    "The outline as one polygon, every fourth corner of it, and a disc for each signal"
    height, width = RASTER
    body, = outline()["body"]
    corners = " ".join(f"{x:.0f},{y:.0f}" for x, y in body[::4])
    discs = "".join(f'<circle cx="{disc.centre[0]}" cy="{disc.centre[1]}" r="{DISC_RADIUS}" '
                    f'fill="{COLOURS_OF_DISCS[disc.signal]}"/>' for disc in DISCS)
    SMALL.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{(width - height) // 2} 0 {height} '
        f'{height}"><polygon points="{corners}" fill="{DOUGH}" stroke="{ICING}" '
        f'stroke-width="24" stroke-linejoin="round"/>{discs}</svg>\n', encoding="utf-8")
    print(f"wrote {SMALL.name}: {SMALL.stat().st_size} bytes")


def main():
    draw_small()
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
