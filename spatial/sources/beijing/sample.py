"""The Beijing sample: a synthetic study, made from a seed, that says so everywhere."""

from __future__ import annotations

from importlib import resources
from json import dumps
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np

from spatial.schema import LAYERS
from spatial.sources.beijing import fabric, gazetteer, geography, land, metro, people, rents
from spatial.sources.beijing.description import INFO
from spatial.store import write_study
from spatial.study import Study

__all__ = ["PACKAGED", "SEED", "build"]

SEED: Final = 20_250_901

PACKAGED: Final = Path(str(resources.files(__package__))) / "study"
"""The study as it comes with the package."""

# Written out: what EPSG:4326 alone expands to depends on what PROJ was asked before, and a
# file's hash with it.
_WGS84: Final = dumps(
    {
        "type": "GeographicCRS",
        "name": "WGS 84",
        "datum": {
            "type": "GeodeticReferenceFrame",
            "name": "World Geodetic System 1984",
            "ellipsoid": {
                "name": "WGS 84",
                "semi_major_axis": 6378137,
                "inverse_flattening": 298.257223563,
            },
        },
        "coordinate_system": {
            "subtype": "ellipsoidal",
            "axis": [
                {"name": f"Geodetic {name}", "abbreviation": name[:3], "direction": way}
                | {"unit": "degree"}
                for name, way in (("latitude", "north"), ("longitude", "east"))
            ],
        },
        "id": {"authority": "EPSG", "code": 4326},
    }
)
_LISTINGS: Final = 4_000
_REBASED: Final = 2024  # the first year on the new employment base


def build(path: str | Path, *, seed: int = SEED) -> Study:
    """
    The Beijing sample, made anew and saved at `path`.

    The same seed and versions of the dependencies give the same files, byte for byte.
    """
    # One stream of chance for each part, so that a change to one leaves the others as they were.
    chance = np.random.default_rng(seed).spawn(3)
    layers = _layers()
    cells = land.field(layers["districts"], layers["ground"])
    city = fabric.fabric(
        cells, layers["districts"], layers["places"], layers["stations"], rng=chance[0]
    )
    anchors = gazetteer.rent_anchors()
    drawn = list(
        people.graduates(
            city,
            stations=layers["stations"],
            links=layers["rail_links"],
            campuses=layers["campuses"],
            rents=anchors,
            rng=chance[1],
        )
    )
    layers["rents"] = rents.listings(city, anchors, count=_LISTINGS, rng=chance[2])
    return write_study(
        path,
        INFO,
        people.counts_of(drawn, city, rebased=_REBASED),
        flows=people.flows_of(drawn, city),
        layers={name: layers[name].set_crs(_WGS84, allow_override=True) for name in LAYERS},
    )


def _layers() -> dict[str, gpd.GeoDataFrame]:
    return {
        "districts": geography.districts(),
        "stations": metro.stations(),
        "rail_links": metro.links(),
        "campuses": gazetteer.campuses(),
        "places": gazetteer.places(),
        "ground": geography.ground(),
    }


if __name__ == "__main__":
    build(PACKAGED)
