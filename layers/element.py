"""A packed layer as an element of a folium map."""

from __future__ import annotations

from folium.map import Layer
from folium.template import Template

from layers.packed import Packed

__all__ = ["Element"]


class Element(Layer):
    """A folium layer whose picture comes from packed data."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = gradmap.layer(
                {{ this.packed.kind|tojson }},
                gradmap.fromBase64({{ this.packed.encoded|tojson }}));
            {{ this._parent.get_name() }}.addLayer({{ this.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(self, packed: Packed) -> None:
        super().__init__(name=packed.name, overlay=True, control=True, show=True)
        self._name = f"gradmap_{packed.kind}"
        self.packed = packed
