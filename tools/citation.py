"""Check CITATION.cff: `python tools/citation.py`. It must have the fields of the Citation File
Format 1.2 and no others, and say the package's version, licence and author."""
import re, sys
from datetime import date
from pathlib import Path

import yaml
from docs import metadata
from nbdev.config import get_config

NEEDED = {"authors", "cff-version", "message", "title"}
TEXTS = set("""abstract cff-version commit doi license license-url message repository
    repository-artifact repository-code title type url version""".split())
FIELDS = {**dict.fromkeys(TEXTS, str), "authors": list, "contact": list, "date-released": date,
          "identifiers": list, "keywords": list, "preferred-citation": dict, "references": list}
PLACE = set("""address alias city country email fax location orcid post-code region tel
    website""".split())
NAMES = {"affiliation", "family-names", "given-names", "name-particle", "name-suffix"}
PERSON = dict.fromkeys(PLACE | NAMES, str)
ENTITY = {**dict.fromkeys(PLACE | {"name"}, str), "date-start": date, "date-end": date}


def field_faults(table, fields, whose):
    "A line for each field that does not exist, or is not of its kind"
    for name, value in table.items():
        if name not in fields:
            yield f"{whose} {name}, which the format does not have"
        elif not isinstance(value, fields[name]) or not value:
            yield f"{whose} {name}: {value!r}, expected {fields[name].__name__}"


def faults(text, agreed, author):
    "A line for each thing that is wrong with the text of a CITATION.cff"
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        found = str(error).splitlines()[0]
    if not isinstance(found, dict):
        yield f"no table of fields but {found!r}"
        return
    yield from (f"no {name}, which the format needs" for name in sorted(NEEDED - found.keys()))
    yield from field_faults(found, FIELDS, "field")
    for name, value in agreed.items():
        if found.get(name) != value:
            yield f"{name} {found.get(name)!r}, expected {value!r}"
    if found.get("type", "software") not in ("software", "dataset"):
        yield f"type {found['type']!r}, expected software or dataset"
    listed = found["authors"] if isinstance(found.get("authors"), list) else []
    authors = [one for one in listed if isinstance(one, dict)]
    for one in authors:
        yield from field_faults(one, ENTITY if "name" in one else PERSON, "author's field")
    if author not in [one.get("name") for one in authors]:
        yield f"no author {author!r}, who is the package's in settings.ini"


def main():
    config = get_config(Path(__file__).resolve().parent)
    package = (config.lib_path/"__init__.py").read_text(encoding="utf-8")
    version = re.search(r'^__version__ = "(.+)"$', package, flags=re.M)[1]
    text = (config.config_path/"CITATION.cff").read_text(encoding="utf-8")
    table = metadata(config)
    agreed = {"cff-version": "1.2.0", "version": version, "license": table["license"]}
    if found := list(faults(text, agreed, table["author"])):
        sys.exit("Found in CITATION.cff what cannot be. Correct it there:\n" + "\n".join(found))
    print(f"CITATION.cff has the fields of the format 1.2, and version {version}")


if __name__ == "__main__":
    main()
