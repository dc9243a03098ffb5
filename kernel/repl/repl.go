package repl

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync"

	"github.com/reeflective/readline"
	"github.com/reeflective/readline/inputrc"
	"golang.org/x/term"

	"swingby/kernel/display"
	"swingby/kernel/history"
	"swingby/kernel/worker"
)

// Options say how [Run] meets its user; the zero value uses the streams of this process and keeps no history.
type Options struct {
	In, Out, Err *os.File
	// History is the file that keeps the cells, "" for none.
	History string
	// Pictures is how pictures show.
	Pictures Pictures
	// Banner is a line to begin with.
	Banner string
}

// ErrFailed is the error of a conversation without a terminal in which a cell failed; the cell's own has been printed.
var ErrFailed = errors.New("repl: a cell failed")

// Run holds a conversation until its input ends.
func Run(ctx context.Context, o Options) error {
	if o.In == nil {
		o.In = os.Stdin
	}
	if o.Out == nil {
		o.Out = os.Stdout
	}
	if o.Err == nil {
		o.Err = os.Stderr
	}
	r := &repl{ctx: ctx, opts: o, bars: display.NewProgressWriter(o.Err)}
	r.terminal = term.IsTerminal(int(o.In.Fd())) && term.IsTerminal(int(o.Out.Fd()))
	if o.History != "" && r.terminal {
		r.store = history.Open(o.History, func(string, ...any) {})
		defer r.store.Close()
	}
	defer func() {
		if r.worker != nil {
			r.worker.Close()
		}
	}()
	if !r.terminal {
		return r.pipe()
	}
	return r.converse()
}

type repl struct {
	ctx      context.Context
	opts     Options
	terminal bool
	store    *history.Store
	bars     *display.ProgressWriter
	lines    *bufio.Reader // of In, when it is no terminal

	worker   *worker.Worker
	count    int
	declared []int // cells that succeeded in this worker

	next string // text that a magic has put into the next cell

	mu      sync.Mutex
	midline bool // the last text printed has no newline yet
}

// session is the worker, started when there is none.
func (r *repl) session() (*worker.Worker, error) {
	if r.worker != nil {
		return r.worker, nil
	}
	w, err := worker.Start(worker.Options{Output: r.output, Raw: true, Input: r.input})
	if err == nil {
		r.worker, r.declared = w, nil
	}
	return w, err
}

// output shows what cells print and display.
func (r *repl) output(e worker.Event) {
	switch {
	case e.Stream != "":
		r.bars.Erase()
		r.mu.Lock()
		defer r.mu.Unlock()
		to := r.opts.Out
		if e.Stream == "stderr" {
			to = r.opts.Err
		}
		_, _ = io.WriteString(to, e.Text)
		r.midline = e.Text != "" && !strings.HasSuffix(e.Text, "\n")
	case e.Display != nil && !r.bars.Event(*e.Display):
		if e.Display.Kind == "clear" {
			return
		}
		r.show("", e.Display.Data)
	}
}

// show shows a display or, behind its mark, a result.
func (r *repl) show(mark string, data map[string]any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.midline {
		fmt.Fprintln(r.opts.Out)
		r.midline = false
	}
	if picture, _ := data["image/png"].(string); picture != "" && r.opts.Pictures != NoPictures && r.opts.Pictures != "" {
		if mark != "" {
			fmt.Fprintln(r.opts.Out, mark)
		}
		if r.opts.Pictures.Write(r.opts.Out, picture) == nil {
			return
		}
		mark = ""
	}
	for _, format := range []string{"text/plain", "text/markdown", "text/latex"} {
		text, _ := data[format].(string)
		if text == "" {
			continue
		}
		text = strings.TrimSuffix(text, "\n")
		if mark != "" && strings.Contains(text, "\n") {
			mark += "\n" // a matrix or table keeps its columns
		} else if mark != "" {
			mark += " "
		}
		fmt.Fprintln(r.opts.Out, mark+text)
		return
	}
}

// input answers a cell that reads its standard input.
func (r *repl) input(prompt string, password bool) (string, error) {
	if prompt != "" {
		fmt.Fprint(r.opts.Out, prompt)
	}
	if password && r.terminal {
		b, err := term.ReadPassword(int(r.opts.In.Fd()))
		fmt.Fprintln(r.opts.Out)
		return string(b), err
	}
	if r.lines == nil {
		r.lines = bufio.NewReaderSize(oneByte{r.opts.In}, 16)
	}
	line, err := r.lines.ReadString('\n')
	if err != nil && line == "" {
		return "", err
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// oneByte reads byte by byte, so that nothing is taken from a terminal that the next prompt should get.
type oneByte struct{ r io.Reader }

func (o oneByte) Read(p []byte) (int, error) { return o.r.Read(p[:1]) }

// execute runs a cell and says whether it succeeded.
func (r *repl) execute(code string) bool {
	w, err := r.session()
	if err != nil {
		fmt.Fprintln(r.opts.Err, "swingby:", err)
		return false
	}
	r.count++
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt)
	ended := make(chan struct{})
	go func() {
		for {
			select {
			case <-signals:
				_ = w.Interrupt() // the second one ends the worker
			case <-ended:
				return
			}
		}
	}()
	reply, err := w.Execute(r.ctx, worker.ExecuteRequest{Code: code, Count: r.count})
	signal.Stop(signals)
	close(ended)
	mark := ""
	if r.terminal {
		mark = fmt.Sprintf("Out[%d]:", r.count)
	}
	shown := ""
	defer func() {
		if r.store != nil {
			e := history.Entry{Line: r.count, Input: code}
			if shown != "" {
				e.Output = &shown
			}
			r.store.Add(e)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.midline && r.terminal {
			fmt.Fprintln(r.opts.Out)
		}
		r.midline = false
	}()
	if err != nil {
		ce := worker.AsDeath(err).CellError(r.declared)
		r.worker.Close()
		r.worker = nil
		r.failed(ce)
		return false
	}
	if reply.Error != nil {
		r.failed(reply.Error)
		return false
	}
	r.declared = append(r.declared, r.count)
	for _, p := range reply.Payloads {
		if p.Page != nil {
			data := map[string]any{}
			for format, text := range p.Page {
				data[format] = text
			}
			r.show("", data)
		}
		if p.NextInput != "" {
			r.next = p.NextInput
		}
	}
	if reply.Result != nil {
		shown, _ = reply.Result.Data["text/plain"].(string)
		r.show(mark, reply.Result.Data)
	}
	return true
}

// failed shows an error.
func (r *repl) failed(e *worker.Error) {
	r.bars.Erase()
	for _, l := range e.Traceback {
		if r.terminal {
			l = "\x1b[31m" + l + "\x1b[0m"
		}
		fmt.Fprintln(r.opts.Err, l)
	}
}

// complete asks whether a cell is complete.
func (r *repl) complete(code string) bool {
	w, err := r.session()
	if err != nil {
		return true
	}
	reply, err := w.IsComplete(r.ctx, code)
	return err != nil || reply.Status != "incomplete"
}

// pipe takes cells from input that is no terminal.
func (r *repl) pipe() error {
	r.lines = bufio.NewReader(r.opts.In)
	code := ""
	for {
		line, err := r.lines.ReadString('\n')
		code += line
		end := err != nil
		if strings.TrimSpace(code) != "" && (end || r.complete(code)) {
			if !r.execute(strings.TrimRight(code, "\n")) {
				return ErrFailed
			}
			code = ""
		}
		if end {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
}

// converse talks to a person at a terminal.
func (r *repl) converse() error {
	if r.opts.Banner != "" {
		fmt.Fprintln(r.opts.Out, r.opts.Banner)
	}
	if _, err := r.session(); err != nil { // warms up while the first cell is written
		return err
	}
	shell := readline.NewShell(inputrc.WithApp("swingby"))
	// Asking the terminal where the cursor is loses keys that arrive with its answer.
	// The prompt always begins a line, so nobody need ask.
	_ = shell.Config.Set("cursor-position-probe", false)
	shell.Prompt.Primary(func() string { return fmt.Sprintf("\x1b[32mIn [%d]:\x1b[0m ", r.count+1) })
	shell.Prompt.Secondary(func() string { return strings.Repeat(" ", len(fmt.Sprint(r.count+1))+2) + "...: " })
	shell.AcceptMultiline = func(line []rune) bool {
		text := string(line)
		if i := strings.LastIndexByte(text, '\n'); i >= 0 && strings.TrimSpace(text[i:]) == "" {
			return true // an empty line ends whatever it is
		}
		return r.complete(text)
	}
	shell.SyntaxHighlighter = func(line []rune) string { return highlight(string(line)) }
	shell.Completer = r.completions
	shell.History.Add("cells", &source{r.past()})
	for {
		line, err := shell.Readline()
		switch {
		case errors.Is(err, readline.ErrInterrupt):
			continue
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if strings.TrimSpace(line) == "" {
			continue
		}
		r.execute(strings.TrimRight(line, "\n"))
		if r.next != "" { // %load and the like: the next cell, to be called up and edited
			_, _ = shell.History.Current().Write(r.next)
			fmt.Fprintf(r.opts.Out, "%s\n(press the up key to edit this as the next cell)\n", strings.TrimRight(r.next, "\n"))
			r.next = ""
		}
		if r.ctx.Err() != nil {
			return context.Cause(r.ctx)
		}
	}
}

// pastCells is how many earlier cells the prompt remembers.
const pastCells = 2000

func (r *repl) past() []string {
	if r.store == nil {
		return nil
	}
	var cells []string
	for _, e := range r.store.Tail(pastCells) {
		if len(cells) == 0 || cells[len(cells)-1] != e.Input {
			cells = append(cells, e.Input)
		}
	}
	return cells
}

// source is the history as the line editor wants it; what is written also goes to the store, by execute.
type source struct{ cells []string }

func (s *source) Write(line string) (int, error) {
	if line = strings.TrimRight(line, "\n"); line != "" && (len(s.cells) == 0 || s.cells[len(s.cells)-1] != line) {
		s.cells = append(s.cells, line)
	}
	return len(s.cells), nil
}

func (s *source) GetLine(i int) (string, error) {
	if i < 0 || i >= len(s.cells) {
		return "", errors.New("repl: no such line of history")
	}
	return s.cells[i], nil
}

func (s *source) Len() int  { return len(s.cells) }
func (s *source) Dump() any { return s.cells }

// completions asks the session what could stand at the cursor.
func (r *repl) completions(line []rune, cursor int) readline.Completions {
	w, err := r.session()
	if err != nil {
		return readline.CompleteMessage("%s", err)
	}
	reply, err := w.Complete(r.ctx, string(line), cursor)
	if err != nil || len(reply.Matches) == 0 || reply.Start > cursor {
		return readline.CompleteValues()
	}
	list := make([]readline.Completion, len(reply.Matches))
	for i, m := range reply.Matches {
		list[i] = readline.Completion{Value: m.Text, Display: m.Text, Description: m.Signature}
	}
	c := readline.CompleteRaw(list)
	c.PREFIX = string(line[reply.Start:cursor])
	return c
}
