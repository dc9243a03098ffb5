package figure_test

import (
	"bytes"
	"image"
	"image/color"
	"strings"
	"testing"

	"swingby/simlib/figure"
	"swingby/simlib/theory"
)

// paths are two ensembles of three trajectories each.
func paths(t testing.TB) []theory.Ensemble {
	t.Helper()
	var es []theory.Ensemble
	for k, name := range []string{"0.137", "0.689"} {
		var trs []theory.Trajectory
		for seed := range 3 {
			tr := theory.Trajectory{Name: name, Target: []float64{1, 1}}
			for i := range 8 {
				u := float64(i) / 7
				x, y := u, u*u+.02*float64(seed)
				if k == 1 {
					x, y = y, x
				}
				tr.T, tr.X = append(tr.T, 1+100*u), append(tr.X, []float64{x, y})
			}
			trs = append(trs, tr)
		}
		e, err := theory.Average(.95, trs...)
		if err != nil {
			t.Fatal(err)
		}
		es = append(es, e)
	}
	return es
}

// tile is a picture of two colours.
func tile(c color.Color) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, 4, 4))
	for i := range 16 {
		m.Set(i%4, i/4, color.White)
		if i%4 > 1 {
			m.Set(i%4, i/4, c)
		}
	}
	return m
}

func TestBandsConceptSpaceAndPictures(t *testing.T) {
	es := paths(t)
	for name, c := range map[string]struct {
		f     *figure.Figure
		words []string
	}{
		"bands":    {figure.Bands("update", "colour", es[0].Band(1), es[1].Band(1)), []string{"update", "colour"}},
		"log":      {figure.Bands("update", "colour", es[0].Band(1)).LogY(), []string{"update"}},
		"space":    {figure.ConceptSpace("colour", "size", es...), []string{"colour", "size", "0.137", "0.689", "11", "10"}},
		"pictures": {figure.Pictures(2, []image.Image{tile(color.Black), tile(figure.Blue), tile(figure.Green)}, []string{"one", "two"}, []string{"a", "b"}), []string{"one", "two", "a", "b"}},
	} {
		if err := c.f.Err(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, w := range c.words {
			if !strings.Contains(texts(c.f), w) {
				t.Errorf("%s: no %q is written", name, w)
			}
		}
		for kind, write := range map[string]func(*bytes.Buffer) error{
			"SVG": func(b *bytes.Buffer) error { return c.f.WriteSVG(b) },
			"PDF": func(b *bytes.Buffer) error { return c.f.WritePDF(b) },
		} {
			var b bytes.Buffer
			if err := write(&b); err != nil || b.Len() < 1000 {
				t.Errorf("%s: %s has %d bytes, %v", name, kind, b.Len(), err)
			}
		}
		if _, err := c.f.Vega().Spec(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBandsAndPicturesErrors(t *testing.T) {
	bad := theory.Band{Curve: theory.Curve{Name: "x", T: []float64{1}, Y: []float64{1}}}
	for _, c := range []struct {
		f    *figure.Figure
		want string
	}{
		{figure.Bands("", ""), "figure: no bands; want at least one"},
		{figure.Bands("", "", bad), `figure: band "x" has 1 times, 1 values and 0 and 0 bounds; want the same number, at least 1`},
		{figure.ConceptSpace("", ""), "figure: no trajectories; want at least one"},
		{figure.ConceptSpace("", "", theory.Ensemble{}), `figure: trajectory "" has 0 times, 0 points of 0 coordinates; want as many, at least 1, of at least 2`},
		{figure.Pictures(1, nil, nil, nil), "figure: no pictures; want at least one"},
		{figure.Pictures(0, []image.Image{tile(color.Black)}, nil, nil), "figure: the number of columns of Pictures is 0; want 1 to 100"},
		{figure.Pictures(1, []image.Image{nil}, nil, nil), "figure: picture 0 has no pixels"},
		{figure.Pictures(1, []image.Image{tile(color.Black)}, []string{"a", "b"}, nil), "figure: 2 labels for 1 rows of pictures; want as many or none"},
	} {
		if err := c.f.Err(); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}
