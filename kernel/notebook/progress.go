package notebook

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// redrawEvery is how often the line of a running cell is written anew in a terminal.
const redrawEvery = 500 * time.Millisecond

// cellProgress tells how the run of a notebook goes: a line for every cell that
// has ended and, in a terminal, one below that shows the cell that runs and for how long.
type cellProgress struct {
	w        io.Writer
	name     string // of the notebook
	cells    int
	terminal bool

	mu    sync.Mutex
	stop  chan struct{} // ends the redrawing of a cell's line
	drawn bool
}

func newCellProgress(w io.Writer, name string, cells int) *cellProgress {
	p := &cellProgress{w: w, name: name, cells: cells}
	if f, ok := w.(*os.File); ok {
		info, err := f.Stat()
		p.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return p
}

// begin shows that a cell runs.
func (p *cellProgress) begin(i int, c *Cell) {
	if !p.terminal {
		return
	}
	stop, began := make(chan struct{}), time.Now()
	p.mu.Lock()
	p.stop = stop
	p.mu.Unlock()
	go func() {
		tick := time.NewTicker(redrawEvery)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
			}
			p.mu.Lock()
			select {
			case <-stop:
			default:
				fmt.Fprintf(p.w, "\r%s\x1b[K", p.line(i, c, time.Since(began)))
				p.drawn = true
			}
			p.mu.Unlock()
		}
	}()
}

// end takes the line of the running cell away.
func (p *cellProgress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stop != nil {
		close(p.stop)
		p.stop = nil
	}
	if p.drawn {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.drawn = false
	}
}

// done tells that a cell has ended.
func (p *cellProgress) done(i int, c *Cell, took time.Duration) {
	p.end()
	fmt.Fprintln(p.w, p.line(i, c, took))
}

func (p *cellProgress) line(i int, c *Cell, took time.Duration) string {
	return fmt.Sprintf("%s: cell %d of %d, In[%d], %.2fs: %s", p.name, i+1, p.cells, *c.ExecutionCount, took.Seconds(), headLine(c.Source, 40))
}

// headLine is the first line of a cell, cut.
func headLine(source string, width int) string {
	head, _, _ := strings.Cut(strings.TrimSpace(source), "\n")
	if r := []rune(head); len(r) > width {
		head = string(r[:width-1]) + "…"
	}
	return head
}
