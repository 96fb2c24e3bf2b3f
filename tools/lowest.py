"""The oldest versions that settings.ini allows, as constraints for pip: `python tools/lowest.py`.

`pip install -c FILE -e ".[dev]"` with them, on the oldest Python, shows whether they can be
installed together; the tests, whether the package works with them. With `--check` a requirement
without a lower bound fails, or one with two."""
import re, sys
from configparser import ConfigParser
from pathlib import Path

SETTINGS = Path(__file__).resolve().parent.parent / "settings.ini"
BOUNDED = re.compile(r"(?P<name>[\w.-]+)(?:>=|==)(?P<version>\d[\w.]*)(?:,<[\w.]+)?(?:; .*)?")


def requirements(path):
    "Pairs of a list in settings.ini, such as `dev_requirements`, and a requirement in it"
    ini = ConfigParser(delimiters=["="], interpolation=None)
    ini.read(path, encoding="utf-8")
    return [(key, line) for key, text in ini["DEFAULT"].items() if key.endswith("requirements")
            for line in text.strip().splitlines()]


def lowest(path=SETTINGS):
    "Constraints by package, and a sentence for each requirement that gives none"
    found, faults = {}, []
    for key, line in requirements(path):
        match = BOUNDED.fullmatch(line)
        if not match:
            faults.append(f"{key}: found {line}, expected name>=version")
            continue
        name = re.sub(r"[-_.]+", "-", match["name"]).lower()
        version = match["version"]
        if found.setdefault(name, version) != version:
            faults.append(f"{key}: found {line}, expected {name}>={found[name]} as above it")
    return found, faults


if __name__ == "__main__":
    constraints, faults = lowest()
    if faults:
        sys.exit("\n".join(faults))
    if "--check" not in sys.argv[1:]:
        print("\n".join(f"{name}=={version}" for name, version in sorted(constraints.items())))
