"""Builds the wheel of swingby_papermill: one module and its entry point.

A backend of our own because there is nothing to build, so that installing needs no network.
"""

import base64
import hashlib
import pathlib
import zipfile

NAME, VERSION = "swingby_papermill", "1.0"


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    info = f"{NAME}-{VERSION}.dist-info"
    files = {
        f"{NAME}.py": (pathlib.Path(__file__).parent / f"{NAME}.py").read_bytes(),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: swingby-papermill\nVersion: {VERSION}\nSummary: Parameters of notebooks in Go for papermill\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: swingby\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        # papermill loads every engine when it starts; ours brings the translator with it.
        f"{info}/entry_points.txt": f"[papermill.engine]\nswingby = {NAME}:SwingbyEngine\n".encode(),
    }
    record = ""
    for name, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        record += f"{name},sha256={digest},{len(data)}\n"
    files[f"{info}/RECORD"] = (record + f"{info}/RECORD,,\n").encode()
    wheel = f"{NAME}-{VERSION}-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(wheel_directory) / wheel, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in files.items():
            z.writestr(name, data)
    return wheel
