package display

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"testing"
)

// record collects what is published while f runs.
func record(f func()) []Event {
	var mu sync.Mutex
	var events []Event
	SetPublisher(func(e Event) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, e)
	})
	defer SetPublisher(nil)
	f()
	return events
}

func TestShow(t *testing.T) {
	var h *Handle
	events := record(func() {
		h = Show(1, nil, errors.New("x"))
		h.Update("new")
		h.Update(2, 3, 4, 5)
		Clear(true)
		Clear(false)
	})
	want := []string{"display 1", "display nil", "display x", `update "new"`, "update 2", "update 3", "update 4", "display 5", "clear  true", "clear "}
	if len(events) != len(want) {
		t.Fatalf("%d events, want %d", len(events), len(want))
	}
	ids := map[string]bool{}
	for i, e := range events {
		got := e.Kind + " " + e.Bundle.String()
		if e.Wait {
			got += " true"
		}
		if got != want[i] {
			t.Errorf("event %d: %s, want %s", i, got, want[i])
		}
		if (e.ID == "") != (e.Kind == "clear") {
			t.Errorf("event %d (%s) has id %q", i, e.Kind, e.ID)
		}
		if e.Kind == "display" {
			if ids[e.ID] {
				t.Errorf("id %s used twice", e.ID)
			}
			ids[e.ID] = true
		}
	}
	if events[3].ID != events[0].ID || events[5].ID != events[1].ID || events[7].ID != h.ids[3] {
		t.Error("updates went to the wrong displays")
	}
}

func TestShowConcurrently(t *testing.T) {
	events := record(func() {
		h := Show(0)
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				for range 20 {
					h.Update(i)
					Show(i)
				}
			})
		}
		wg.Wait()
	})
	if len(events) != 1+8*20*2 {
		t.Errorf("%d events", len(events))
	}
}

// TestDefaultPublisher is what an ordinary program sees.
func TestDefaultPublisher(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout := os.Stdout
	os.Stdout = w
	Show([]int{1, 2}).Update(Text("done\n"))
	Clear(false)
	Show(HTML("<p>a &amp; b</p>"))
	os.Stdout = stdout
	w.Close()
	got, _ := io.ReadAll(r)
	if want := "[]int{1, 2}\ndone\na & b\n"; string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func ExampleShow() {
	h := display(0)
	h.Update("half way")
	h.Update("done")
	// Output:
	// 0
	// "half way"
	// "done"
}

// display keeps the example readable: in a cell it is display.Show.
func display(v any) *Handle { return Show(v) }

func ExampleTable() {
	type run struct {
		Seed int
		Loss float64
		Name string
	}
	runs := []run{{1, 0.25, "first"}, {2, 0.125, "second"}}
	fmt.Println(Render([]any{Table(runs).Caption("Runs")}, nil))
	// Output:
	// Runs: 2 rows × 3 columns
	//    Seed   Loss  Name
	// ─  ────  ─────  ──────
	// 0     1  0.250  first
	// 1     2  0.125  second
}
