"Build the package from settings.ini; pyproject.toml names it and holds what nbdev reads"
from configparser import ConfigParser
from pathlib import Path
from re import search

from setuptools import find_packages, setup

here = Path(__file__).parent
ini = ConfigParser(delimiters=["="], interpolation=None)
ini.read(here / "settings.ini", encoding="utf-8")
cfg = ini["DEFAULT"]
lib = cfg["lib_path"]
statuses = ["1 - Planning", "2 - Pre-Alpha", "3 - Alpha", "4 - Beta", "5 - Production/Stable",
            "6 - Mature", "7 - Inactive"]


def lines(key):
    return cfg[key].strip().splitlines()


optional = ("interpretation", "app", "export", "hub", "timm", "distributed", "cluster", "trackers")
named = ("dev", "notebooks", "pretrained", "exercises", "docs", "browser", *optional)
extras = {name: lines(f"{name}_requirements") for name in named}
bring = {"app": ["interpretation"], "notebooks": ["interpretation"],
         "dev": optional}  # the notebooks are tests, these chapters too
for extra, others in bring.items():
    for name in others:
        extras[extra] = list(dict.fromkeys(extras[extra] + extras[name]))

readme = here / "README.md"
setup(
    version=search(
        r'__version__ = "(.*)"', (here / lib / "__init__.py").read_text(encoding="utf-8")
    )[1],
    description=cfg["description"],
    long_description=readme.read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    keywords=cfg["keywords"].split(),
    author=cfg["author"],
    author_email=cfg["author_email"],
    license_expression=cfg["license"],
    classifiers=[
        f"Development Status :: {statuses[cfg.getint('status') - 1]}",
        "Intended Audience :: Science/Research",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3 :: Only",
        *(f"Programming Language :: Python :: {version}"
          for version in cfg["python_versions"].split()),
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
    ],
    python_requires=f">={cfg['min_python']}",
    packages=find_packages(include=[lib, f"{lib}.*"]),
    package_data={lib: ["*.txt", "network/*.safetensors"]},
    install_requires=lines("requirements"),
    extras_require=extras,
    entry_points={"console_scripts": lines("console_scripts"), "nbdev": [f"{lib}={lib}._modidx:d"]},
)
