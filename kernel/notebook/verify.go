package notebook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// VerifyOptions say how [VerifyFile] runs and compares; the zero value wants
// the same characters and pixels.
type VerifyOptions struct {
	Tolerance
	// KeepGoing runs the cells after one that failed.
	KeepGoing bool
	// Timeout limits the whole run, CellTimeout each cell; 0 means no limit.
	Timeout, CellTimeout time.Duration
	// Exec holds the rest of how cells are run; see [ExecOptions].
	Exec ExecOptions
}

// What verification found of a cell.
const (
	Same    = "same"    // its outputs are those stored
	Differs = "differs" // they are not
	Failed  = "failed"  // it failed, and no tag said that it should
	Skipped = "skipped" // it was not run, or its tags say that it is not compared
)

// A CellCheck is what verification found of one code cell.
type CellCheck struct {
	Cell   int    // index in Notebook.Cells
	Count  int    // n of In[n] in the repeated run, 0 when it did not run
	Head   string // the first line of its source
	Status string // Same, Differs, Failed or Skipped
	Why    string // why it was skipped
	Took   time.Duration
	// Differences between the outputs stored and now, - and + in their text.
	Differences []Difference
	Failure     *CellFailure
}

// A Verification is what running a notebook again found.
type Verification struct {
	Path  string
	Cells []CellCheck // those with code
	Took  time.Duration
}

// Count returns how many cells have a status.
func (v *Verification) Count(status string) int {
	n := 0
	for _, c := range v.Cells {
		if c.Status == status {
			n++
		}
	}
	return n
}

// OK reports whether every cell that was compared gave what is stored, and none failed.
func (v *Verification) OK() bool { return v.Count(Differs) == 0 && v.Count(Failed) == 0 }

// VerifyFile runs a notebook in its own folder and compares what comes out with
// what is stored. The file stays as it is.
//
// Of a display those formats are compared that are stored; controls in the page are not.
// Text is compared exactly but for numbers, which may differ by the tolerance;
// pictures pixel by pixel; JSON value by value. Execution counts and metadata of
// cells do not matter, nor does the number of pieces in which a stream was stored.
// A cell states a tolerance of its own by tags: rtol=1e-6, atol=1e-9, pixels=8.
// The tag verify-skip keeps a cell from being compared, for one that prints times.
//
// An error means that the notebook could not be read or run to its end.
func VerifyFile(ctx context.Context, path string, opts VerifyOptions) (*Verification, error) {
	stored, err := readGo(path)
	if err != nil {
		return nil, err
	}
	ran := func(c *Cell) bool { return c.Type == Code && (c.ExecutionCount != nil || len(c.Outputs) > 0) }
	if !slices.ContainsFunc(stored.Cells, ran) {
		return nil, fmt.Errorf("notebook: %s is stored without outputs, so there is nothing to compare with; run it first: swingby exec", path)
	}
	if opts.Exec.Dir == "" {
		opts.Exec.Dir = filepath.Dir(path)
	}
	if opts.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, opts.Timeout, &timeLimit{opts.Timeout})
		defer cancel()
	}
	v, err := Verify(ctx, stored, opts)
	if err != nil {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("notebook: %s: stopped: %w", path, err)
		}
		return nil, fmt.Errorf("notebook: %s: %w", path, err)
	}
	v.Path = path
	for i := range v.Cells {
		if f := v.Cells[i].Failure; f != nil {
			f.File = path
		}
	}
	return v, nil
}

// Verify is [VerifyFile] for a notebook in memory, which it leaves as it is.
func Verify(ctx context.Context, stored *Notebook, opts VerifyOptions) (*Verification, error) {
	v := &Verification{}
	at := map[int]int{} // index in v.Cells by that in the notebook
	tolerances := map[int]Tolerance{}
	for i, c := range stored.Cells {
		if c.Type != Code || strings.TrimSpace(c.Source) == "" {
			continue
		}
		tol, err := opts.Tolerance.forCell(c)
		if err != nil {
			return nil, fmt.Errorf("cell %d: %w", i+1, err)
		}
		at[i], tolerances[i] = len(v.Cells), tol
		check := CellCheck{Cell: i, Head: headLine(c.Source, 60), Status: Skipped, Why: "an earlier cell failed"}
		if c.HasTag("skip-execution") {
			check.Why = "its tag skip-execution"
		}
		v.Cells = append(v.Cells, check)
	}

	now, err := Parse(stored.Bytes())
	if err != nil {
		return nil, err
	}
	exec := opts.Exec
	exec.KeepGoing, exec.CellTimeout = opts.KeepGoing, opts.CellTimeout
	began := time.Now()
	exec.Done = func(i int, c *Cell, took time.Duration) {
		check := &v.Cells[at[i]]
		check.Count, check.Took, check.Status, check.Why = *c.ExecutionCount, took, Same, ""
		if opts.Exec.Done != nil {
			opts.Exec.Done(i, c, took)
		}
	}
	exec.Failed = func(f *CellFailure) {
		check := &v.Cells[at[f.Cell]]
		check.Status, check.Failure = Failed, f
	}
	if err := Exec(ctx, now, exec); err != nil {
		if cf := (*CellFailure)(nil); !errors.As(err, &cf) {
			return nil, err
		}
	}
	v.Took = time.Since(began)

	for k := range v.Cells {
		check := &v.Cells[k]
		if check.Status != Same {
			continue
		}
		c := stored.Cells[check.Cell]
		if c.HasTag(TagVerifySkip) {
			check.Status, check.Why = Skipped, "its tag "+TagVerifySkip
			continue
		}
		compareOutputs(c.Outputs, now.Cells[check.Cell].Outputs, tolerances[check.Cell], func(what, text string, pictures ...File) {
			check.Differences = append(check.Differences, Difference{Cell: check.Cell, Count: check.Count, What: what, Text: text, Pictures: pictures})
			check.Status = Differs
		})
	}
	return v, nil
}

// Compare says how the outputs of a notebook that was run again, by whatever
// client, differ from what is stored, by the rules of [VerifyFile]. Both must have the same cells.
func Compare(stored, now *Notebook, tol Tolerance) ([]Difference, error) {
	var all []Difference
	if len(stored.Cells) != len(now.Cells) {
		return []Difference{{Cell: -1, What: "number of cells", Text: change(strconv.Itoa(len(stored.Cells)), strconv.Itoa(len(now.Cells)))}}, nil
	}
	for i, c := range stored.Cells {
		again := now.Cells[i]
		add := func(what, text string, pictures ...File) {
			d := Difference{Cell: i, What: what, Text: text, Pictures: pictures}
			if again.ExecutionCount != nil {
				d.Count = *again.ExecutionCount
			}
			all = append(all, d)
		}
		if c.Type != again.Type || c.Source != again.Source {
			add("source", lineDiff(c.Source, again.Source))
			continue
		}
		if c.Type != Code || c.HasTag(TagVerifySkip) {
			continue
		}
		tol, err := tol.forCell(c)
		if err != nil {
			return nil, fmt.Errorf("cell %d: %w", i+1, err)
		}
		compareOutputs(c.Outputs, again.Outputs, tol, add)
	}
	return all, nil
}

// compareOutputs tells add how the outputs of a cell differ from those stored, beyond the tolerance.
func compareOutputs(stored, now []*Output, tol Tolerance, add func(what, text string, pictures ...File)) {
	stored, now = mergeStreams(stored), mergeStreams(now)
	ka, kb := storedKinds(stored, now)
	if !slices.Equal(ka, kb) {
		add("list of outputs", lineDiff(strings.Join(ka, "\n"), strings.Join(kb, "\n")))
	}
	for i := range min(len(stored), len(now)) {
		a, b := stored[i], now[i]
		if ka[i] != kb[i] {
			return // said above
		}
		at := fmt.Sprintf("outputs[%d] ", i)
		text := func(name, x, y string, svg bool) {
			m := textMatch{tol: tol, svg: svg}
			if y = m.nearest(x, y); x != y {
				diff := lineDiff(x, y)
				if s := m.summary(); s != "" {
					diff += "\n" + s
				}
				var pictures []File
				if svg {
					pictures = []File{{"stored.svg", []byte(x)}, {"now.svg", []byte(y)}}
				}
				add(at+name, diff, pictures...)
			}
		}
		text("text", a.Text, b.Text, false)
		text("ename", a.EName, b.EName, false)
		text("evalue", a.EValue, b.EValue, false)
		text("traceback", strings.Join(a.Traceback, "\n"), strings.Join(b.Traceback, "\n"), false)
		for _, mime := range sortedKeys(a.Data) {
			x, y := a.Data[mime], b.Data[mime]
			sx, okX := x.(string)
			sy, okY := y.(string)
			switch {
			case okX && okY && isBinary(mime):
				if d := comparePictures(sx, sy, tol.Pixel); d != "" {
					add(at+mime, d, changedPictures(sx, sy, mime, tol.Pixel)...)
				}
			case okX && okY:
				text(mime, sx, sy, mime == "image/svg+xml")
			default:
				text(mime, jsonText(x), jsonText(nearestJSON(x, y, tol)), false)
			}
		}
		metadata := clone(orEmpty(b.Metadata))
		for format := range b.Data {
			if _, ok := a.Data[format]; !ok {
				delete(metadata, format)
			}
		}
		text("metadata", jsonText(orEmpty(a.Metadata)), jsonText(nearestJSON(orEmpty(a.Metadata), metadata, tol)), false)
	}
}

// storedKinds lists the kinds of outputs, of those now without the formats that
// are not stored: a notebook may keep an SVG and leave out the PNG beside it.
func storedKinds(stored, now []*Output) (a, b []string) {
	a, b = kinds(stored), kinds(now)
	for i := range min(len(stored), len(now)) {
		if stored[i].Type != now[i].Type || now[i].Data == nil {
			continue
		}
		kept := &Output{Type: now[i].Type, Data: map[string]any{}}
		for format, v := range now[i].Data {
			if _, ok := stored[i].Data[format]; ok {
				kept.Data[format] = v
			}
		}
		b[i] = outputKind(kept)
	}
	return a, b
}

// nearestJSON is now with the numbers that are within the tolerance of stored's written as there.
func nearestJSON(stored, now any, tol Tolerance) any {
	switch b := now.(type) {
	case json.Number:
		if a, ok := stored.(json.Number); ok {
			m := textMatch{tol: tol}
			if a.String() == b.String() || m.near(a.String(), b.String()) {
				return a
			}
		}
	case []any:
		if a, ok := stored.([]any); ok && len(a) == len(b) {
			list := make([]any, len(b))
			for i := range b {
				list[i] = nearestJSON(a[i], b[i], tol)
			}
			return list
		}
	case map[string]any:
		if a, ok := stored.(map[string]any); ok {
			m := make(map[string]any, len(b))
			for k, v := range b {
				m[k] = nearestJSON(a[k], v, tol)
			}
			return m
		}
	}
	return now
}
