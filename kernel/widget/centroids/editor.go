// Package centroids is an editor of tasks in the page: centroids are dragged, added, marked as trained on or as probes, and
// what a model would learn from them is drawn while they move.
//
//	e, err := centroids.NewEditor(sim.Axes{Mu: []float64{1, 2}, Sigma: []float64{.05, .05}})
//	e.Show()                    // the editor, and below it what is saved with the notebook
//	task, err := e.Task()       // the task as it is now
//
// Learning is computed here, in compiled Go, for each position that the page sends; the page (editor.mjs) draws. Two
// models are offered: the symmetric UUᵀx on the whole population, and an MLP of two layers with ReLU on a small sample.
//
// Where there is no page, as under swingby exec, Show shows the picture alone. The picture and the table below the editor
// are renewed each time a centroid is let go, so that a saved notebook holds the last state; [sim.ParseTable] reads the table.
package centroids

import (
	_ "embed"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"

	"swingby/kernel/display"
	"swingby/kernel/widget"
	"swingby/simlib/figure"
	"swingby/simlib/sim"
	"swingby/simlib/theory"
)

var (
	//go:embed editor.mjs
	module string
	//go:embed editor.css
	style string
)

// mostCentroids bounds what a page may send.
const mostCentroids = 40

// An Editor is a task of two dimensions in the page. Make one with [NewEditor]. Its methods may be called from any goroutine.
type Editor struct {
	*widget.AnyWidget

	mu       sync.Mutex
	layout   sim.Layout
	model    Model
	lesson   *lesson
	answers  int // lessons sent
	changed  []func()
	released []func()
	saved    *display.Handle
}

// NewEditor makes an editor of a structure's centroids, which has two dimensions. Clusters have the structure's
// noise, the same along both axes for all; the error says what does not fit.
func NewEditor(s sim.Structure) (*Editor, error) {
	if s == nil {
		return nil, fmt.Errorf("centroids: the structure is nil; want one of package sim")
	}
	layout, err := s.Layout()
	if err != nil {
		return nil, err
	}
	switch {
	case layout.D != 2:
		return nil, fmt.Errorf("centroids: the structure has d = %d; want 2, the dimensions of the page", layout.D)
	case len(layout.Centroids) > mostCentroids:
		return nil, fmt.Errorf("centroids: the structure has %d centroids; want at most %d", len(layout.Centroids), mostCentroids)
	case layout.Cov != nil:
		return nil, fmt.Errorf("centroids: the structure has a covariance; want Sigma, the same along both axes")
	}
	sigma := 0.0
	if len(layout.Sigma) > 0 {
		sigma = layout.Sigma[0]
	}
	for _, v := range layout.Sigma {
		if v != sigma {
			return nil, fmt.Errorf("centroids: the structure's Sigma is %v; want the same along both axes", layout.Sigma)
		}
	}
	e := &Editor{layout: layout, model: Symmetric{Scale: .3}}
	e.layout.Concepts, e.layout.N = nil, 0
	lesson, err := learn(e.layout, e.model)
	if err != nil {
		return nil, err
	}
	e.lesson = lesson
	e.AnyWidget = widget.NewAnyWidget(module, style, map[string]any{
		"centroids": toPage(layout.Centroids), "sigma": sigma, "model": "symmetric", "scale": .3, "released": 0,
		"lesson": lesson.toPage(0, ""),
	})
	for _, name := range []string{"centroids", "sigma", "model", "scale"} {
		e.Observe(name, func(any) { e.follow() })
	}
	e.Observe("released", func(any) { e.release() })
	return e, nil
}

// follow takes the page's state, learns from it and sends what came out. A state that is no task is told to the page, and
// the last good one stays.
func (e *Editor) follow() {
	layout, model, err := e.fromPage()
	var l *lesson
	if err == nil {
		l, err = learn(layout, model)
	}
	problem := ""
	if err != nil {
		problem = strings.TrimPrefix(err.Error(), "centroids: ")
	}
	e.mu.Lock()
	if err == nil {
		e.layout, e.model, e.lesson = layout, model, l
	}
	e.answers++
	answer := e.lesson.toPage(e.answers, problem)
	changed := append([]func(){}, e.changed...)
	e.mu.Unlock()
	e.Set("lesson", answer)
	if err != nil {
		return
	}
	for _, f := range changed {
		f()
	}
}

// release is called when the hand lets go.
func (e *Editor) release() {
	e.mu.Lock()
	saved, released := e.saved, append([]func(){}, e.released...)
	e.mu.Unlock()
	if saved != nil {
		saved.Update(e.Saved())
	}
	for _, f := range released {
		f()
	}
}

// OnChange has f called after every change, also while a centroid is being dragged.
func (e *Editor) OnChange(f func()) {
	e.mu.Lock()
	e.changed = append(e.changed, f)
	e.mu.Unlock()
}

// OnRelease has f called when a centroid is let go, and after changes that need no dragging.
func (e *Editor) OnRelease(f func()) {
	e.mu.Lock()
	e.released = append(e.released, f)
	e.mu.Unlock()
}

// Layout returns the centroids as they are now.
func (e *Editor) Layout() sim.Layout {
	e.mu.Lock()
	defer e.mu.Unlock()
	l := e.layout
	l.Centroids = append([]sim.Centroid{}, l.Centroids...)
	return l
}

// Task returns the task as it is now.
func (e *Editor) Task() (*sim.Task, error) { return sim.NewTask(e.Layout()) }

// Model returns the model that learns.
func (e *Editor) Model() Model {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.model
}

// Trajectories returns the output at each centroid over learning, in the order of the centroids.
func (e *Editor) Trajectories() []theory.Trajectory {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]theory.Trajectory{}, e.lesson.paths...)
}

// Figure draws the state as it is now: the paths of all outputs, and the losses at the probes.
func (e *Editor) Figure() *figure.Figure {
	e.mu.Lock()
	l := e.lesson
	e.mu.Unlock()
	plane := figure.Plane(1, 2, l.task, l.paths...)
	if len(l.losses) == 0 {
		return plane
	}
	return figure.Row(plane, figure.Curves("updates", "loss at the probes", l.losses...).Size(3.4, 3.4))
}

// Table writes the state as a table for [sim.ParseTable].
func (e *Editor) Table() string {
	l := e.Layout()
	var b strings.Builder
	fmt.Fprintf(&b, "label,x,y,role,weight\n")
	num := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	for i, c := range l.Centroids {
		label := strings.NewReplacer(",", ";", "\n", " ", "\t", " ", "#", "").Replace(c.Label)
		if label == "" {
			label = fmt.Sprint(i + 1)
		}
		weight := ""
		if c.Weight != 0 && c.Role == sim.Train {
			weight = num(c.Weight)
		}
		fmt.Fprintf(&b, "%s,%s,%s,%v,%s\n", label, num(c.X[0]), num(c.X[1]), c.Role, weight)
	}
	if len(l.Sigma) == 2 {
		fmt.Fprintf(&b, "noise,%s,%s,sigma,\n", num(l.Sigma[0]), num(l.Sigma[1]))
	}
	return b.String()
}

// Saved is what a notebook keeps of the editor: its picture, and as text its table.
func (e *Editor) Saved() display.Bundle {
	data, metadata := display.Plot(e.Figure()).MIMEBundle()
	data["text/plain"] = e.Table()
	return display.Bundle{Data: data, Metadata: metadata}
}

// Show shows the editor, where there is a page for it, and below it what is saved with the notebook.
func (e *Editor) Show() {
	if b := e.MIMEBundle(); len(b) > 1 {
		display.Show(display.Bundle{Data: b})
	}
	h := display.Show(e.Saved())
	e.mu.Lock()
	e.saved = h
	e.mu.Unlock()
}

// String says in one line what this is.
func (e *Editor) String() string {
	l := e.Layout()
	return fmt.Sprintf("editor of %d centroids, %v", len(l.Centroids), e.Model())
}

// toPage writes centroids for the page.
func toPage(cs []sim.Centroid) []any {
	list := []any{}
	for _, c := range cs {
		list = append(list, map[string]any{"label": c.Label, "x": c.X[0], "y": c.X[1], "role": c.Role.String(), "weight": max(c.Weight, 0)})
	}
	return list
}

// fromPage reads the page's state. Whatever a page sends, what comes back is a layout within bounds, or an error.
func (e *Editor) fromPage() (sim.Layout, Model, error) {
	layout := sim.Layout{D: 2}
	list, ok := e.Get("centroids").([]any)
	if !ok || len(list) == 0 || len(list) > mostCentroids {
		return layout, nil, fmt.Errorf("centroids: want 1 to %d centroids", mostCentroids)
	}
	number := func(m map[string]any, name string, lo, hi float64) (float64, error) {
		v, ok := m[name].(float64)
		if !ok || !(v >= lo && v <= hi) {
			return 0, fmt.Errorf("centroids: %s is %v; want a number from %g to %g", name, m[name], lo, hi)
		}
		return v, nil
	}
	for _, item := range list {
		m, _ := item.(map[string]any)
		x, err := number(m, "x", -100, 100)
		if err != nil {
			return layout, nil, err
		}
		y, err := number(m, "y", -100, 100)
		if err != nil {
			return layout, nil, err
		}
		label, _ := m["label"].(string)
		c := sim.Centroid{Label: label, X: []float64{x, y}}
		if role, _ := m["role"].(string); role == "probe" {
			c.Role = sim.Probe
		}
		if w, _ := m["weight"].(float64); w > 0 && w <= 1000 && c.Role == sim.Train {
			c.Weight = w
		}
		layout.Centroids = append(layout.Centroids, c)
	}
	rest := map[string]any{"sigma": e.Get("sigma"), "scale": e.Get("scale")}
	sigma, err := number(rest, "sigma", 0, 10)
	if err != nil {
		return layout, nil, err
	}
	layout.Sigma = []float64{sigma, sigma}
	scale, err := number(rest, "scale", 1e-3, 2)
	if err != nil {
		return layout, nil, err
	}
	if e.Get("model") == "mlp" {
		return layout, MLP{Scale: scale}, nil
	}
	return layout, Symmetric{Scale: scale}, nil
}

// round keeps what a page can show of a number.
func round(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	return math.Round(x*1e4) / 1e4
}
