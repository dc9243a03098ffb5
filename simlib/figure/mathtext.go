package figure

import (
	"math"
	"strings"
	"sync"
	"unicode"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// mathText is a text handler that sets names of quantities as mathematics. It
// reads the Unicode that such names are written in anyway: sub- and superscript
// digits are lowered and raised, a combining circumflex becomes a hat over its letter, and a
// letter that is a word of its own is slanted. Everything else is plain text, and so is
// a single letter by itself, which marks a panel.
type mathText struct{}

var _ text.Handler = mathText{}

// Cache returns the fonts shared by all plots.
func (mathText) Cache() *font.Cache { return font.DefaultCache }

// Extents returns the extents of the upright face.
func (mathText) Extents(fnt font.Font) font.Extents {
	f := font.DefaultCache.Lookup(fnt, fnt.Size)
	return f.Extents()
}

// Lines splits txt at line breaks.
func (mathText) Lines(txt string) []string {
	return strings.Split(strings.TrimRight(txt, "\n"), "\n")
}

// Box returns the extent of a line of text.
func (mathText) Box(txt string, fnt font.Font) (width, height, depth vg.Length) {
	ext := mathText{}.Extents(fnt)
	return widths.of(txt, fnt), ext.Ascent, ext.Descent
}

// widths are those of lines that have been measured. A plot measures each of its labels several times, and a figure
// that follows a slider has almost the same labels each time.
var widths lineWidths

type lineWidths struct {
	mu    sync.Mutex
	known map[lineOf]vg.Length
}

type lineOf struct {
	text string
	font font.Font
}

// maxWidths bounds what lineWidths keeps.
const maxWidths = 4096

func (w *lineWidths) of(txt string, fnt font.Font) vg.Length {
	key := lineOf{txt, fnt}
	w.mu.Lock()
	width, ok := w.known[key]
	w.mu.Unlock()
	if ok {
		return width
	}
	for _, r := range parseMath(txt) {
		width += r.advance(fnt)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.known == nil || len(w.known) >= maxWidths {
		w.known = map[lineOf]vg.Length{}
	}
	w.known[key] = width
	return width
}

// Draw sets txt with the alignment of gonum/plot's plain text, which the axes
// of a plot are laid out for.
func (h mathText) Draw(c vg.Canvas, txt string, sty text.Style, pt vg.Point) {
	lines := h.Lines(txt)
	_, ht := boxOf(h, lines, sty.Font)
	c.SetColor(sty.Color)
	if sty.Rotation != 0 {
		c.Push()
		defer c.Pop()
		c.Rotate(sty.Rotation)
		sin, cos := math.Sincos(-sty.Rotation)
		pt = vg.Point{X: pt.X*vg.Length(cos) - pt.Y*vg.Length(sin), Y: pt.X*vg.Length(sin) + pt.Y*vg.Length(cos)}
	}
	y := pt.Y + ht*vg.Length(sty.YAlign) - h.Extents(sty.Font).Ascent
	for i, line := range lines {
		w, _, _ := h.Box(line, sty.Font)
		drawRuns(c, line, sty.Font, vg.Point{X: pt.X + w*vg.Length(sty.XAlign), Y: y + sty.Font.Size*vg.Length(len(lines)-i)})
	}
}

// drawAt sets one line with its baseline through pt; of the alignments only the horizontal counts.
func drawAt(c vg.Canvas, txt string, sty text.Style, pt vg.Point) {
	w, _, _ := mathText{}.Box(txt, sty.Font)
	c.SetColor(sty.Color)
	drawRuns(c, txt, sty.Font, vg.Point{X: pt.X + w*vg.Length(sty.XAlign), Y: pt.Y})
}

func boxOf(h mathText, lines []string, fnt font.Font) (w, ht vg.Length) {
	for _, line := range lines {
		lw, up, down := h.Box(line, fnt)
		w, ht = max(w, lw), ht+up+down
	}
	return w, ht
}

func drawRuns(c vg.Canvas, txt string, fnt font.Font, pt vg.Point) {
	runs := parseMath(txt)
	for i, r := range runs {
		face := r.face(fnt)
		// SVG drops spaces at the beginning and end of a text.
		word := strings.TrimLeft(r.text, " ")
		indent := vg.Length(0)
		if n := len(r.text) - len(word); n > 0 {
			indent = face.Width(r.text[:n])
		}
		if word = strings.TrimRight(word, " "); word != "" {
			c.FillString(face, pt.Add(vg.Point{X: indent, Y: r.shift() * fnt.Size}), word)
		}
		if r.hat {
			// The spacing circumflex sits at the height of an accent already. A
			// slanted letter's top lies to the right of its middle.
			const hat = "ˆ"
			lean := vg.Length(0)
			if r.italic {
				lean = .06 * fnt.Size
			}
			c.FillString(face, pt.Add(vg.Point{X: (face.Width(r.text)-face.Width(hat))/2 + lean, Y: r.shift() * fnt.Size}), hat)
		}
		if i+1 < len(runs) {
			pt.X += r.advance(fnt)
		}
	}
}

// run is a stretch of text in one face and at one height.
type run struct {
	text   string
	italic bool
	hat    bool
	level  int // −1 lowered, +1 raised
}

func (r run) face(fnt font.Font) font.Face {
	size := fnt.Size
	if r.level != 0 {
		size *= .7
	}
	if r.italic {
		fnt.Style = 1
	}
	return font.DefaultCache.Lookup(fnt, size)
}

// shift is the height above the baseline in parts of the font's size.
func (r run) shift() vg.Length {
	switch r.level {
	case -1:
		return -.16
	case 1:
		return .36
	}
	return 0
}

func (r run) advance(fnt font.Font) vg.Length {
	f := r.face(fnt)
	w := f.Width(r.text)
	if r.level != 0 {
		w += .03 * fnt.Size
	}
	return w
}

// parseMath splits a line into runs.
func parseMath(txt string) []run {
	rs := []rune(txt)
	var runs []run
	put := func(c rune, italic bool, level int) {
		if n := len(runs) - 1; n >= 0 && runs[n].italic == italic && runs[n].level == level && !runs[n].hat && !italic {
			runs[n].text += string(c)
			return
		}
		runs = append(runs, run{text: string(c), italic: italic, level: level})
	}
	letter := func(i int) bool {
		return i >= 0 && i < len(rs) && (unicode.IsLetter(rs[i]) && rs[i] != 'ᵀ' || rs[i] == '\'' || rs[i] == '’')
	}
	for i, c := range rs {
		switch {
		case c >= '₀' && c <= '₉':
			put(c-'₀'+'0', false, -1)
		case c == '⁰' || c >= '⁴' && c <= '⁹':
			put(c-'⁰'+'0', false, 1)
		case c == '¹':
			put('1', false, 1)
		case c == '²':
			put('2', false, 1)
		case c == '³':
			put('3', false, 1)
		case c == '⁻':
			put('−', false, 1)
		case c == 'ᵀ':
			put('T', false, 1)
		case c == '\u0302' && len(runs) > 0:
			// The hat belongs to the last letter alone.
			last := &runs[len(runs)-1]
			if t := []rune(last.text); len(t) > 1 {
				last.text = string(t[:len(t)-1])
				runs = append(runs, run{text: string(t[len(t)-1]), italic: last.italic, level: last.level})
				last = &runs[len(runs)-1]
			}
			last.hat = true
		default:
			alone := len(rs) > 1 && letter(i) && !letter(i-1) && !letter(i+1) && c != '\'' && c != '’'
			// "a" and "A" stand alone as words too; an index or a neighbour makes them names.
			word := (i == 0 || rs[i-1] == ' ') && (i+1 == len(rs) || rs[i+1] == ' ')
			if (c == 'a' || c == 'A') && word {
				alone = false
			}
			put(c, alone, 0)
		}
	}
	return runs
}
