package notebook

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// Tolerance says how far a repeated run may be from the stored one; the zero
// value wants the same characters and the same pixels.
type Tolerance struct {
	// Rel and Abs allow numbers a and b that |a-b| ≤ Abs + Rel·max(|a|, |b|).
	// With either above 0, positions in an SVG may also differ by 0.05 of its
	// units, a twentieth of a pixel.
	Rel, Abs float64
	// Pixel is how much a channel of a pixel may differ, from 0 to 255.
	Pixel int
}

// TagVerifySkip marks a cell that verification runs but does not compare.
const TagVerifySkip = "verify-skip"

// svgSlack is what positions in an SVG may differ by when numbers may differ at all.
const svgSlack = 0.05

// forCell is the tolerance with what the cell's own tags say: rtol=1e-6, atol=1e-9, pixels=8.
func (t Tolerance) forCell(c *Cell) (Tolerance, error) {
	for _, tag := range c.Tags() {
		name, value, ok := strings.Cut(tag, "=")
		if !ok {
			continue
		}
		switch name {
		case "rtol", "atol":
			f, err := strconv.ParseFloat(value, 64)
			if err != nil || !(f >= 0) || math.IsInf(f, 0) {
				return t, fmt.Errorf("the tag %q must be a number from 0, such as %s=1e-6", tag, name)
			}
			if name == "rtol" {
				t.Rel = f
			} else {
				t.Abs = f
			}
		case "pixels":
			n, err := strconv.Atoi(value)
			if err != nil || n < 0 || n > 255 {
				return t, fmt.Errorf("the tag %q must be a whole number from 0 to 255, such as pixels=8", tag)
			}
			t.Pixel = n
		}
	}
	return t, nil
}

// numberToken matches a number in text. What stands before it decides whether it is one; see numbers.
var numberToken = regexp.MustCompile(`[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?`)

// A textMatch brings a text as near to another as a tolerance allows.
type textMatch struct {
	tol Tolerance
	svg bool // numbers inside tags are positions

	inTag bool
	// The largest relative difference that was not allowed, and between which numbers.
	worst    float64
	worstOf  [2]string
	rejected int // how many were not
	total    int // numbers compared
}

// nearest returns now with every number that is within the tolerance of its
// counterpart in stored written as there, so that what then differs differs beyond it.
func (m *textMatch) nearest(stored, now string) string {
	if stored == now {
		return now
	}
	a, b := strings.Split(stored, "\n"), strings.Split(now, "\n")
	if len(a) != len(b) {
		return now
	}
	for i := range a {
		tag := m.inTag
		if a[i] != b[i] {
			b[i] = m.line(a[i], b[i])
		}
		if m.svg {
			m.inTag = tag
			m.follow(a[i])
		}
	}
	return strings.Join(b, "\n")
}

// follow notes whether a tag is open at the end of text.
func (m *textMatch) follow(text string) {
	if i := strings.LastIndexAny(text, "<>"); i >= 0 {
		m.inTag = text[i] == '<'
	}
}

func (m *textMatch) line(stored, now string) string {
	a, b := numbers(stored, m.svg, m.inTag), numbers(now, m.svg, m.inTag)
	if len(a) != len(b) {
		return now
	}
	same := func(i, j int) bool { return stored[a[i][0]:a[i][1]] == now[b[j][0]:b[j][1]] }
	var out strings.Builder
	endA, endB := 0, 0
	before := true // the number before has the same characters
	for i := 0; i <= len(a); i++ {
		startA, startB, next := len(stored), len(now), true
		if i < len(a) {
			startA, startB, next = a[i][0], b[i][0], same(i, i)
		}
		gapA, gapB := stored[endA:startA], now[endB:startB]
		switch {
		case gapA == gapB:
		case (!before || !next) && strings.TrimSpace(gapA) == strings.TrimSpace(gapB):
			gapB = gapA // blanks that align a number of another width
		default:
			return now
		}
		out.WriteString(gapB)
		if m.svg {
			m.follow(gapA)
		}
		if i == len(a) {
			break
		}
		x, y := stored[a[i][0]:a[i][1]], now[b[i][0]:b[i][1]]
		m.total++
		if x != y && m.near(x, y) {
			y = x
		}
		out.WriteString(y)
		before, endA, endB = next, a[i][1], b[i][1]
	}
	return out.String()
}

// near reports whether two different numbers are within the tolerance.
func (m *textMatch) near(x, y string) bool {
	f, err1 := strconv.ParseFloat(x, 64)
	g, err2 := strconv.ParseFloat(y, 64)
	if err1 != nil || err2 != nil {
		return false
	}
	if len(x) > 15 && len(y) > 15 && !strings.ContainsAny(x+y, ".eE") {
		m.reject(x, y, 0)
		return false // integers with more digits than a float64 tells apart
	}
	abs := m.tol.Abs
	if m.svg && m.inTag && (m.tol.Rel > 0 || m.tol.Abs > 0) {
		abs = max(abs, svgSlack)
	}
	d, size := math.Abs(f-g), max(math.Abs(f), math.Abs(g))
	if (m.tol.Rel > 0 || abs > 0) && d <= abs+m.tol.Rel*size {
		return true
	}
	if size > 0 {
		d /= size
	}
	m.reject(x, y, d)
	return false
}

func (m *textMatch) reject(x, y string, relative float64) {
	m.rejected++
	if m.rejected == 1 || relative > m.worst {
		m.worst, m.worstOf = relative, [2]string{x, y}
	}
}

// summary says by how much numbers differ, "" if none does.
func (m *textMatch) summary() string {
	if m.rejected == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d numbers compared differ, by %.1e relative at most: %s, now %s", m.rejected, m.total, m.worst, m.worstOf[0], m.worstOf[1])
}

// numbers finds the numbers in a line of text, as byte ranges. Digits that follow
// a letter, a digit, an underscore or # belong to a name or a colour and are
// none; but inside the tags of an SVG, letters are also the commands of a path.
func numbers(line string, svg, inTag bool) [][2]int {
	var list [][2]int
	at := 0
	for at < len(line) {
		m := numberToken.FindStringIndex(line[at:])
		if m == nil {
			break
		}
		start, end := at+m[0], at+m[1]
		if svg {
			if i := strings.LastIndexAny(line[at:start], "<>"); i >= 0 {
				inTag = line[at+i] == '<'
			}
		}
		if start > 0 && partOfName(line[start-1]) && !(svg && inTag && afterPathCommand(line[:start])) {
			if line[start] == '-' || line[start] == '+' {
				start++ // the sign of a difference: a-1
			} else {
				for end < len(line) && partOfName(line[end]) {
					end++
				}
				at = end
				continue
			}
		}
		list = append(list, [2]int{start, end})
		at = end
	}
	return list
}

// afterPathCommand reports whether text ends with a letter that is a command of a path, not part of a name.
func afterPathCommand(text string) bool {
	n := len(text)
	return strings.IndexByte("MmLlHhVvCcSsQqTtAaZz", text[n-1]) >= 0 && (n == 1 || strings.IndexByte("#_", text[n-2]) < 0 && !isLetter(text[n-2]) && !inColour(text))
}

// inColour reports whether the word that text ends with begins with #.
func inColour(text string) bool {
	i := len(text)
	for i > 0 && partOfName(text[i-1]) && text[i-1] != '#' {
		i--
	}
	return i > 0 && text[i-1] == '#'
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

func partOfName(c byte) bool { return c == '#' || c == '_' || '0' <= c && c <= '9' || isLetter(c) }
