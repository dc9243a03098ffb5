package widget

import (
	"strings"
	"testing"
	"time"

	"swingby/kernel/display"
)

func TestProgress(t *testing.T) {
	p := newPage(t)
	shown := 0
	display.SetPublisher(func(e display.Event) { shown++ })
	defer display.SetPublisher(nil)
	display.NewCell()
	began := time.Now()
	for range Progress(2, "outer") {
		for range Progress(250, "inner") {
			time.Sleep(3 * time.Millisecond)
		}
	}
	took := time.Since(began)
	sent := p.take()
	messages, last := 0, map[string]string{}
	for _, s := range sent {
		if !strings.HasPrefix(s, "msg ") {
			continue
		}
		messages++
		for _, name := range []string{`"bar_style":"success","description":"outer","value":1}`, `"value":"2/2 in `} {
			if strings.Contains(s, name) {
				last[name] = s
			}
		}
	}
	if shown != 1 {
		t.Errorf("%d displays, want one", shown)
	}
	// Bars count as many tenths of a second as they need messages; the first refresh is free.
	if most := int(took.Seconds()*10) + 5; messages == 0 || messages > most {
		t.Errorf("%d messages in %v, at most %d may be:\n%s", messages, took, most, strings.Join(sent, "\n"))
	}
	if len(last) != 2 {
		t.Errorf("at the end %q", sent[max(0, len(sent)-3):])
	}
}

func TestProgressWithoutPage(t *testing.T) {
	sum := 0
	for i := range Progress(3) {
		sum += i
	}
	b := NewBar(2, "b")
	b.Add(1)
	b.Stop()
	if sum != 3 {
		t.Errorf("the sum is %d", sum)
	}
}
