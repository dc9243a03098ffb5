package figure_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"swingby/simlib/figure"
	"swingby/simlib/sim"
	"swingby/simlib/theory"
)

// The slider's steps are in the data, from the first to the last, and everything that moves follows it.
func TestExplore(t *testing.T) {
	r := run(t, []float64{1, 1.5}, 3, 2000)
	v := figure.Explore(r)
	spec, err := v.Spec()
	if err != nil {
		t.Fatal(err)
	}
	if len(spec) > 1<<20 {
		t.Errorf("%d bytes", len(spec))
	}
	var s struct {
		Params []struct {
			Name  string
			Value int
			Bind  struct{ Min, Max int }
		}
		HConcat []map[string]any
	}
	if err := json.Unmarshal(spec, &s); err != nil {
		t.Fatal(err)
	}
	if len(s.HConcat) != 3 || len(s.Params) != 1 || s.Params[0].Name != "frame" || s.Params[0].Bind.Max < 100 || s.Params[0].Value != s.Params[0].Bind.Max {
		t.Fatalf("%d parts with the parameters %+v", len(s.HConcat), s.Params)
	}
	// Every part has data for the first and the last place of the slider, and shows one of them at a time.
	for k, part := range s.HConcat {
		text, err := json.Marshal(part)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{`"n":0,`, fmt.Sprintf(`"n":%d,`, s.Params[0].Bind.Max), `"step":2000`, "datum.n == frame"} {
			if !strings.Contains(string(text), want) {
				t.Errorf("part %d has no %s", k, want)
			}
		}
	}
	b := v.MIMEBundle()
	if b[figure.MIMEVegaLite] == nil || b["image/png"] == nil {
		t.Errorf("a bundle of %d formats", len(b))
	}
	// Too many dimensions for W, and too few for a plane.
	if b, err := figure.Explore(run(t, []float64{1, 1.5}, 13, 50)).Spec(); err != nil || strings.Contains(string(b), `"row"`) {
		t.Errorf("13 dimensions: %d bytes, %v", len(b), err)
	}
	task, err := sim.NewTask(sim.Axes{Mu: []float64{1}})
	if err != nil {
		t.Fatal(err)
	}
	one, err := theory.OneLayer{Task: task, Eta: .1, Steps: 10}.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []*theory.Run{nil, one} {
		if err := figure.Explore(r).Err(); err == nil || !strings.HasPrefix(err.Error(), "figure: the run of Explore") {
			t.Errorf("error %v", err)
		}
	}
}

func ExampleExplore() {
	fmt.Println(figure.Explore(figure8()))
	// Output: Vega-Lite figure of 2 panels
}
