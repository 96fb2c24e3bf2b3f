"""Who imports whom in the package: `python tools/imports.py`; with `--check`, an arrow that runs
back up fails.

A module may import from the wings above its own and, in its wing, from the modules to its left; a
name that begins with `_` stays in its module."""
import ast, sys
from pathlib import Path
from textwrap import fill

PACKAGE = Path(__file__).resolve().parent.parent / "gingerbread_crnn"
ORDER = {  # wings from above to below, their modules from left to right
    "": ["errors", "core", "cache", "cluster", "names"],
    "data": [
        "video", "tables", "own_csv", "signals", "animation", "decoding", "statistics", "synthetic",
        "exercises", "sources", "explore", "clip_room", "clip_reading", "clips", "clip_specs",
        "fold_checks", "splits", "known_clips", "labels", "validation", "design"
    ],
    "network": [
        "weights", "guards", "padding", "crnn", "building", "layers", "decoders",
        "clip_encoders", "timm_encoders", "drawn", "encoders"
    ],
    "training": [
        "features", "batches", "parts", "learner", "whole_network", "recipes", "finetuning",
        "long_runs"
    ],
    "evaluation": [
        "measure", "contenders", "tuned", "leaks", "evaluation", "report", "lengths", "experiments",
        "grid_files", "grids"
    ],
    "use": ["inference", "interpretation", "sharing", "app"],
    "original": ["original"],
    "notebooks": ["notebooks"],
    "commands": ["shared", "films", "networks"],
    "cli": ["cli"],
}
ALONE = ("original", "notebooks", "cli")  # modules that are a wing each
PLACES = [name if wing in ("", *ALONE) else f"{wing}.{name}" for wing, names in ORDER.items()
          for name in names]


def module_name(path):
    "data/video.py is data.video"
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def modules():
    "The package's modules, as files"
    return [path for path in sorted(PACKAGE.rglob("*.py")) if path.name[0] != "_"]


def imported(path):
    "Pairs of module and name that a module imports from the package, wherever it does"
    own = module_name(path).split(".")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom): continue
        module = node.module or ""
        if node.level:
            home = [*own[:len(own) - node.level], *filter(None, module.split("."))]
        elif module.split(".")[0] == PACKAGE.name:
            home = module.split(".")[1:]
        else: continue
        for alias in node.names:
            whole = ".".join([*home, alias.name])
            yield (whole, "") if whole in PLACES else (".".join(home), alias.name)


def faults():
    "What the rules do not allow, a sentence each"
    for path in modules():
        own = module_name(path)
        if own not in PLACES:
            yield f"{own} has no place: add it to ORDER in tools/imports.py"
            continue
        for home, name in sorted(set(imported(path))):
            if home not in PLACES:
                yield f"{own} imports {name} from {home or 'the package'}, which is no module"
            elif PLACES.index(home) >= PLACES.index(own):
                yield f"{own} imports {name or 'all'} from {home}, which stands below it"
            if name.startswith("_"):
                yield f"{own} imports {name} from {home}: a name that stays at home"


def picture():
    "A line a module: where it imports from"
    for wing, names in ORDER.items():
        yield f"\n{wing or 'below everything'}"
        for name in names:
            path = PACKAGE / ("" if wing in ALONE else wing) / f"{name}.py"
            homes = sorted({home for home, _ in imported(path)}, key=PLACES.index)
            yield fill(", ".join(homes) or "-", 72, initial_indent=f"  {name:<15} ",
                       subsequent_indent=" " * 18)


def main():
    if "--check" not in sys.argv:
        print("\n".join(picture()).strip())
    found = list(faults())
    if found:
        sys.exit("Found imports that run back up, expected none:\n" + "\n".join(found))


if __name__ == "__main__":
    main()
