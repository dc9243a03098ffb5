package notebook

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Difference is one way in which a cell of two notebooks differs.
type Difference struct {
	Cell  int    // index of the cell, -1 for the notebook as a whole
	Count int    // n of In[n] in the first notebook, 0 for none
	What  string // what differs: "outputs[0] text/plain", "source", …
	Text  string // how, readable, several lines: - is the first notebook, + the second
	// Pictures that [Verify] found different, for a person to look at: stored.svg and
	// now.svg, or stored.png, now.png and difference.png, in which the pixels that differ
	// are magenta over a pale copy of what is stored.
	Pictures []File
}

func (d Difference) String() string {
	where := "notebook"
	if d.Cell >= 0 {
		where = fmt.Sprintf("cell %d", d.Cell+1)
		if d.Count > 0 {
			where += fmt.Sprintf(" (In[%d])", d.Count)
		}
	}
	return where + ": " + d.What + " differs\n" + indent(d.Text)
}

func indent(s string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n    ")
}

// Diff compares two notebooks cell by cell: kinds, sources, execution counts and
// outputs, exactly. Metadata of cells and notebook do not count, nor does the
// number of pieces in which a stream was stored. No differences means that b
// shows what a shows.
func Diff(a, b *Notebook) []Difference {
	var all []Difference
	if len(a.Cells) != len(b.Cells) {
		all = append(all, Difference{Cell: -1, What: "number of cells", Text: change(strconv.Itoa(len(a.Cells)), strconv.Itoa(len(b.Cells)))})
	}
	for i := range min(len(a.Cells), len(b.Cells)) {
		ca, cb := a.Cells[i], b.Cells[i]
		count := 0
		if ca.ExecutionCount != nil {
			count = *ca.ExecutionCount
		}
		add := func(what, text string) {
			all = append(all, Difference{Cell: i, Count: count, What: what, Text: text})
		}
		if ca.Type != cb.Type {
			add("type", change(ca.Type, cb.Type))
			continue
		}
		if ca.Source != cb.Source {
			add("source", lineDiff(ca.Source, cb.Source))
		}
		if ca.Type != Code {
			continue
		}
		if na, nb := countText(ca.ExecutionCount), countText(cb.ExecutionCount); na != nb {
			add("execution count", change(na, nb))
		}
		diffOutputs(mergeStreams(ca.Outputs), mergeStreams(cb.Outputs), add)
	}
	return all
}

func countText(n *int) string {
	if n == nil {
		return "none"
	}
	return strconv.Itoa(*n)
}

func diffOutputs(a, b []*Output, add func(what, text string)) {
	if ka, kb := kinds(a), kinds(b); !slices.Equal(ka, kb) {
		add("list of outputs", lineDiff(strings.Join(ka, "\n"), strings.Join(kb, "\n")))
	}
	for i := range min(len(a), len(b)) {
		oa, ob := a[i], b[i]
		if outputKind(oa) != outputKind(ob) {
			return // said above
		}
		at := fmt.Sprintf("outputs[%d] ", i)
		field := func(name, x, y string) {
			if x != y {
				add(at+name, lineDiff(x, y))
			}
		}
		field("text", oa.Text, ob.Text)
		field("ename", oa.EName, ob.EName)
		field("evalue", oa.EValue, ob.EValue)
		field("traceback", strings.Join(oa.Traceback, "\n"), strings.Join(ob.Traceback, "\n"))
		if na, nb := countText(oa.ExecutionCount), countText(ob.ExecutionCount); na != nb {
			add(at+"execution count", change(na, nb))
		}
		field("metadata", jsonText(orEmpty(oa.Metadata)), jsonText(orEmpty(ob.Metadata)))
		for _, mime := range sortedKeys(oa.Data) {
			x, y := oa.Data[mime], ob.Data[mime]
			switch sx, sy := valueText(x), valueText(y); {
			case sx == sy:
			case isBinary(mime):
				add(at+mime, fmt.Sprintf("- %d bytes of base64\n+ %d bytes of base64, first different at %d", len(sx), len(sy), firstDifference(sx, sy)))
			default:
				add(at+mime, lineDiff(sx, sy))
			}
		}
	}
}

// outputKind is what must agree before contents are compared.
func outputKind(o *Output) string {
	switch o.Type {
	case Stream:
		return o.Type + " " + o.Name
	case DisplayData, ExecuteResult:
		return o.Type + " " + strings.Join(sortedKeys(o.Data), ", ")
	}
	return o.Type
}

func kinds(outs []*Output) []string {
	var k []string
	for _, o := range outs {
		k = append(k, outputKind(o))
	}
	return k
}

func isBinary(mime string) bool {
	return strings.HasPrefix(mime, "image/") && mime != "image/svg+xml" || mime == "application/pdf"
}

func firstDifference(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

func valueText(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return jsonText(v)
}

func jsonText(v any) string {
	var b bytes.Buffer
	encode(&b, v, 0)
	return b.String()
}

func change(a, b string) string { return "- " + a + "\n+ " + b }

// Limits of what a difference shows.
const (
	diffContext = 2   // equal lines round a change
	diffLines   = 40  // lines in all
	diffWidth   = 160 // characters of a line
)

// lineDiff shows the changed lines with a little context. Equal lines at both
// ends are set aside first; what is between is compared by longest common
// subsequence when that is cheap, else shown whole, old before new.
func lineDiff(a, b string) string {
	la, lb := strings.Split(a, "\n"), strings.Split(b, "\n")
	head := 0
	for head < len(la) && head < len(lb) && la[head] == lb[head] {
		head++
	}
	tail := 0
	for tail < len(la)-head && tail < len(lb)-head && la[len(la)-1-tail] == lb[len(lb)-1-tail] {
		tail++
	}
	var out []string
	put := func(mark, l string) { out = append(out, mark+clip(l)) }
	if head > diffContext {
		out = append(out, fmt.Sprintf("@ line %d", head-diffContext+1))
	}
	for _, l := range la[max(0, head-diffContext):head] {
		put("  ", l)
	}
	ma, mb := la[head:len(la)-tail], lb[head:len(lb)-tail]
	if len(ma)*len(mb) <= 1e6 {
		lcsDiff(ma, mb, put)
	} else {
		for _, l := range ma {
			put("- ", l)
		}
		for _, l := range mb {
			put("+ ", l)
		}
	}
	for _, l := range la[len(la)-tail : min(len(la), len(la)-tail+diffContext)] {
		put("  ", l)
	}
	if n := len(out) - diffLines; n > 0 {
		out = append(out[:diffLines], fmt.Sprintf("… %d more lines", n))
	}
	return strings.Join(out, "\n")
}

// clip cuts a line too long to read.
func clip(l string) string {
	r := []rune(l)
	if len(r) <= diffWidth {
		return l
	}
	return string(r[:diffWidth]) + fmt.Sprintf("… (%d characters)", len(r))
}

func lcsDiff(a, b []string, put func(mark, l string)) {
	// n[i][j] is the length of the longest common subsequence of a[i:] and b[j:].
	n := make([][]int, len(a)+1)
	for i := range n {
		n[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				n[i][j] = n[i+1][j+1] + 1
			} else {
				n[i][j] = max(n[i+1][j], n[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			put("  ", a[i])
			i++
			j++
		case j == len(b) || i < len(a) && n[i+1][j] >= n[i][j+1]:
			put("- ", a[i])
			i++
		default:
			put("+ ", b[j])
			j++
		}
	}
}
