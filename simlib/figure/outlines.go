package figure

import (
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// outlines is a canvas that draws the outlines of letters instead of writing
// text, for a format whose text knows neither Greek nor slanted faces.
type outlines struct{ vg.CanvasSizer }

// em is the size at which outlines are taken from the font, in pixels; fixed-point
// coordinates divide each by 64.
const em = 1024

// FillString fills the outlines of the letters of str.
func (c outlines) FillString(fnt font.Face, pt vg.Point, str string) {
	unit := fnt.Font.Size / em / 64
	for i, r := range str {
		glyph, err := fnt.Face.GlyphIndex(nil, r)
		if err != nil {
			continue
		}
		segments, err := fnt.Face.LoadGlyph(nil, glyph, em*64, nil)
		if err != nil {
			continue
		}
		origin := pt.Add(vg.Point{X: fnt.Width(str[:i])})
		var path vg.Path
		for n, s := range segments {
			var at [3]vg.Point // y of a font points down
			for k, a := range s.Args {
				at[k] = origin.Add(vg.Point{X: vg.Length(a.X) * unit, Y: -vg.Length(a.Y) * unit})
			}
			// The numbers of sfnt's segment kinds, from moveto to cubeto.
			switch s.Op {
			case 0:
				if n > 0 {
					path.Close()
				}
				path.Move(at[0])
			case 1:
				path.Line(at[0])
			case 2:
				path.QuadTo(at[0], at[1])
			case 3:
				path.CubeTo(at[0], at[1], at[2])
			}
		}
		if len(path) > 0 {
			path.Close()
			c.Fill(path)
		}
	}
}
