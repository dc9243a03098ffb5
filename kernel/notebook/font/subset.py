"""Makes math.woff2: the part of STIX Two Math that package texmath can ask for.

    python3 -m venv v && v/bin/pip install fonttools brotli
    v/bin/python subset.py STIXTwoMath-Regular.otf

The font is version 2.13 (https://github.com/stipub/stixfonts; also in the Go
module codeberg.org/go-fonts/stix v0.3.0, folder stix2mathregular).
"""
import pathlib
import sys

from fontTools import subset
from fontTools.ttLib import TTFont

here = pathlib.Path(__file__).parent
symbols = (here.parent / "texmath" / "symbols.go").read_text(encoding="utf-8")
chars = {ord(c) for c in symbols if ord(c) > 0x7e}
chars |= set(range(0x20, 0x7f))
chars |= {ord(c) for c in "−∗′‖⟨⟩√\u0338\u00a0\u2009–“”"}
# Alphabets: bold, italic, bold italic, script capitals, double-struck, dotless, Greek.
for first, last in ((0x1D400, 0x1D49B), (0x1D49C, 0x1D4B5), (0x1D538, 0x1D56B), (0x1D6A4, 0x1D6A5),
                    (0x1D6E2, 0x1D71B), (0x1D736, 0x1D755), (0x1D7CE, 0x1D7D7)):
    chars |= set(range(first, last + 1))

options = subset.Options()
options.flavor = "woff2"
options.layout_features = ["ssty", "dtls"]  # script sizes and dotless letters, as MathML asks for them
options.hinting = False
options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 7, 13, 14]

font = TTFont(sys.argv[1], recalcTimestamp=False)
s = subset.Subsetter(options)
s.populate(unicodes=chars)
s.subset(font)
font.flavor = "woff2"
font.save(here / "math.woff2")
