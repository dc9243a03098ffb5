package worker

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// AsDeath returns the death that err is, or makes one of it.
func AsDeath(err error) *Death {
	var d *Death
	if errors.As(err, &d) {
		return d
	}
	return &Death{Reason: fmt.Sprint("lost: ", err)}
}

// Lines tells of the death in the cell that saw it: the reason, the runtime's
// own words, and which of the earlier cells, by execution count, to run again.
func (d *Death) Lines(cells []int) []string {
	lines := []string{d.Reason}
	if d.Detail != "" {
		lines = append(lines, strings.Split(strings.TrimRight(d.Detail, "\n"), "\n")...)
	}
	return append(lines, again(cells))
}

// CellError is the death as the error of the cell in which it came.
func (d *Death) CellError(cells []int) *Error {
	name, value, ok := strings.Cut(d.Reason, ": ")
	if !ok || strings.ContainsAny(name, "\n\t") {
		name, value = "worker ended", d.Reason
	}
	return &Error{Name: name, Value: value, Traceback: d.Lines(cells)}
}

// again is the line that says what a death means for earlier cells.
func again(cells []int) string {
	const gone = "The process that ran the cells has ended and a new one has started"
	if len(cells) == 0 {
		return gone + "; no earlier cell needs to run again."
	}
	return gone + ", without their variables, functions and types: run " + cellNames(cells) + " again."
}

// cellNames writes execution counts as In[1]–In[4], In[6].
func cellNames(cells []int) string {
	var b strings.Builder
	for i := 0; i < len(cells); {
		j := i
		for j+1 < len(cells) && cells[j+1] == cells[j]+1 {
			j++
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("In[" + strconv.Itoa(cells[i]) + "]")
		if j > i {
			sep := "–"
			if j == i+1 {
				sep = ", "
			}
			b.WriteString(sep + "In[" + strconv.Itoa(cells[j]) + "]")
		}
		i = j + 1
	}
	return b.String()
}

// shorten keeps of the runtime's last words what tells something: the trace of
// a stack overflow, which follows an empty line and is hundreds of the
// interpreter's own frames with addresses that differ from run to run, does not.
func shorten(words string) string {
	if i := strings.Index(words, "\n\n"); i >= 0 {
		words = words[:i+1]
	}
	var kept []string
	for l := range strings.Lines(words) {
		if !strings.HasPrefix(l, "runtime: sp=") { // addresses
			kept = append(kept, l)
		}
	}
	words = strings.Join(kept, "")
	return words[:min(len(words), maxDetail)]
}
