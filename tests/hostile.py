"""Files that mean harm or are simply wrong, written by the tests themselves."""

from __future__ import annotations

import io
import struct
import zipfile

_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml"
DATES = (
    f'<styleSheet xmlns="{_SHEET}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/>'
    "</cellXfs></styleSheet>"
)

VRT = """<OGRVRTDataSource><OGRVRTLayer name="{name}">
<SrcDataSource>{path}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"""


def cell(reference, value):
    """One cell of a worksheet: text, a number, or XML as it is."""
    if isinstance(value, str) and value.startswith("<c"):
        return value
    if isinstance(value, str):
        return f'<c r="{reference}" t="inlineStr"><is><t>{value}</t></is></c>'
    return f'<c r="{reference}"><v>{value}</v></c>'


def rows(values):
    """Rows of a worksheet from A1; None leaves a cell out."""
    out = []
    for number, row in enumerate(values, 1):
        cells = "".join(
            cell(f"{chr(65 + at)}{number}", value)
            for at, value in enumerate(row)
            if value is not None
        )
        out.append(f'<row r="{number}">{cells}</row>')
    return "".join(out)


def workbook(*sheets, names=("Sheet1", "Sheet2"), merged="", shared="", more=None):
    """Bytes of a small .xlsx whose sheets hold the XML of rows given."""
    numbers = range(1, len(sheets) + 1)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml"'
        ' ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType='
        f'"{_MAIN}.sheet.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" Type='
        f'"{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELATIONS}">'
        + "".join(
            f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/s{n}.xml"/>'
            for n in numbers
        )
        + f'<Relationship Id="rId98" Type="{_OFFICE}/styles" Target="styles.xml"/>'
        + f'<Relationship Id="rId99" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
        + "</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}"><sheets>'
        + "".join(f'<sheet name="{names[n - 1]}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
        + "</sheets></workbook>",
        "xl/styles.xml": DATES,
        "xl/sharedStrings.xml": f'<sst xmlns="{_SHEET}">{shared}</sst>',
        **{
            f"xl/worksheets/s{n}.xml": f'<worksheet xmlns="{_SHEET}"><sheetData>{sheets[n - 1]}'
            f"</sheetData>{merged}</worksheet>"
            for n in numbers
        },
        **(more or {}),
    }
    return zipped({name: '<?xml version="1.0"?>' + text for name, text in parts.items()})


def zipped(entries):
    """Bytes of a zip with these names and contents."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def link_in_zip(name, target):
    """A zip whose one entry is a symbolic link."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        entry = zipfile.ZipInfo(name)
        entry.create_system, entry.external_attr = 3, 0o120777 << 16
        archive.writestr(entry, target)
    return buffer.getvalue()


def crowded_zip(count):
    """A zip of so many empty files, small in itself."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(count):
            archive.writestr(f"{number}.csv", b"")
    return buffer.getvalue()


def lying_zip(name, content, *, said):
    """A zip whose entry says it unpacks to `said` bytes."""
    whole = bytearray(zipped({name: content}))
    at = whole.rfind(b"PK\x01\x02")
    struct.pack_into("<I", whole, at + 24, said)
    struct.pack_into("<I", whole, 22, said)
    return bytes(whole)


def nested(depth):
    """GeoJSON whose geometry collections lie so deep within each other."""
    point = '{"type":"Point","coordinates":[116,40]}'
    inner = '{"type":"GeometryCollection","geometries":[' * depth + point + "]}" * depth
    return (
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":'
        + inner
        + "}]}"
    )


def feature(coordinates, *, kind="Point", properties="{}"):
    """GeoJSON of one feature whose coordinates are text."""
    return (
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":'
        f'{properties},"geometry":{{"type":"{kind}","coordinates":{coordinates}}}}}]}}'
    )
