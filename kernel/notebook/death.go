package notebook

import (
	"errors"
	"fmt"
	"strings"

	"swingby/kernel/worker"
)

// deathError is what a cell shows in which the session died, in the same words as
// in a client of the kernel: Go's own reason, and which earlier cells, by
// execution count, were lost.
func deathError(err error, declared []int) *worker.Error {
	death := &worker.Death{Reason: fmt.Sprint("lost: ", err)}
	errors.As(err, &death)
	name, value, ok := strings.Cut(death.Reason, ": ")
	if !ok || strings.ContainsAny(name, "\n\t") {
		name, value = "worker ended", death.Reason
	}
	lines := []string{death.Reason}
	if death.Detail != "" {
		lines = append(lines, strings.Split(strings.TrimRight(death.Detail, "\n"), "\n")...)
	}
	return &worker.Error{Name: name, Value: value, Traceback: append(lines, runAgain(declared))}
}

// runAgain is the line that says what a death means for earlier cells.
func runAgain(cells []int) string {
	const gone = "The process that ran the cells has ended and a new one has started"
	if len(cells) == 0 {
		return gone + "; no earlier cell needs to run again."
	}
	return gone + ", without their variables, functions and types: run " + cellNames(cells) + " again."
}

// cellNames writes execution counts as In[1]–In[4], In[6].
func cellNames(cells []int) string {
	var names []string
	for i := 0; i < len(cells); {
		j := i
		for j+1 < len(cells) && cells[j+1] == cells[j]+1 {
			j++
		}
		first, last := fmt.Sprintf("In[%d]", cells[i]), fmt.Sprintf("In[%d]", cells[j])
		switch j - i {
		case 0:
			names = append(names, first)
		case 1:
			names = append(names, first, last)
		default:
			names = append(names, first+"–"+last)
		}
		i = j + 1
	}
	return strings.Join(names, ", ")
}
