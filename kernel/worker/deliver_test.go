package worker

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestManyDisplays(t *testing.T) {
	// More than may be in flight, and a front end that is slow at first.
	var n int
	w, _ := start(t, "script", Options{Output: func(ev Event) {
		if n == 0 {
			time.Sleep(50 * time.Millisecond)
		}
		n++
	}})
	executeOK(t, w, "displays 1000")
	if n != 1000 {
		t.Errorf("%d displays of 1000", n)
	}
}

// A display that is larger than all that may be in flight waits for those before it, and these are reported when they have been delivered.
func TestLargeDisplayAfterSmallOnes(t *testing.T) {
	var sizes []int
	w, _ := start(t, "script", Options{Output: func(ev Event) {
		if ev.Display != nil {
			sizes = append(sizes, len(ev.Display.Data["text/markdown"].(string)))
		}
	}})
	executeOK(t, w, "display 1")
	executeOK(t, w, fmt.Sprint("display ", maxFlightSize))
	executeOK(t, w, "display 3")
	if !slices.Equal(sizes, []int{1, maxFlightSize, 3}) {
		t.Errorf("displays of %d bytes", sizes)
	}
	for end := time.Now().Add(hangs); ; time.Sleep(time.Millisecond) {
		text := plain(executeOK(t, w, "flow"))
		if strings.Contains(text, "0 of 0 bytes") {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%s are in flight for ever", text)
		}
	}
}

func TestSlowFrontEndBlocksOnlyOutput(t *testing.T) {
	gate := make(chan bool)
	w, _ := start(t, "script", Options{Output: func(Event) { <-gate }})
	done := make(chan error, 1)
	go func() {
		_, err := w.Execute(context.Background(), ExecuteRequest{Code: "displays 500"})
		done <- err
	}()
	time.Sleep(50 * time.Millisecond)
	ctx, cancel := context.WithTimeout(context.Background(), hangs)
	defer cancel()
	if _, err := w.IsComplete(ctx, "x"); err != nil {
		t.Errorf("is_complete while output is blocked: %v", err)
	}
	close(gate)
	if err := <-done; err != nil {
		t.Error(err)
	}
}
