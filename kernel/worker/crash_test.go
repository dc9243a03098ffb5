package worker

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"
)

func TestDeaths(t *testing.T) {
	for _, test := range []struct {
		code, reason   string
		stdout, stderr string
	}{
		{"exit 3", "exit status 3", "", "leaving\n"},
		{"exit 0", "exit status 0", "", "leaving\n"},
		{"exit 2", "exit status 2", "", "leaving\n"},
		{"goroutine", "panic: boom", "about to\n", "an ordinary text"},
		{"goroutine \n", "panic: boom", "about to\n", "an ordinary text\n"},
		{"goroutine  panic: not yet\n", "panic: boom", "about to\n", "an ordinary text panic: not yet\n"},
		{"nil", "panic: runtime error: invalid memory address or nil pointer dereference", "", ""},
		{"overflow", "fatal error: stack overflow (goroutine stack exceeds 512 MB limit)", "", ""},
		{"maps", "fatal error: concurrent map writes", "", ""},
		{"memory", "fatal error: runtime: out of memory", "", ""},
		{"unlock", "fatal error: sync: unlock of unlocked mutex", "", ""},
		{"kill", "signal: killed", "last words", ""},
		{"quit", "SIGQUIT: quit", "", ""},
	} {
		t.Run(test.code, func(t *testing.T) {
			opts := Options{}
			if test.code == "maps" { // a race detector is not to report this one
				opts.Env = []string{"GORACE=atexit_sleep_ms=0 report_bugs=0"}
			}
			w, rec := start(t, "script", opts)
			<-w.Ready()
			_, err := execute(t, w, test.code)
			d := death(t, err)
			// A trace of everything that runs would be long, and would say nothing.
			if len(d.Detail) > 4<<10 || strings.Contains(d.Detail, "goroutine 1 [") {
				t.Errorf("detail of %d bytes: %.1000s", len(d.Detail), d.Detail)
			}
			if d.Reason != test.reason {
				t.Errorf("reason is %q, want %q; detail %q", d.Reason, test.reason, d.Detail)
			}
			if d.Requested {
				t.Error("nobody asked for it")
			}
			if strings.Contains(d.Reason, "panic: ") && !strings.Contains(d.Detail, strings.TrimPrefix(d.Reason, "panic: ")) {
				t.Errorf("detail is %q", d.Detail)
			}
			if got := rec.text("stdout"); got != test.stdout {
				t.Errorf("stdout is %q, want %q", got, test.stdout)
			}
			if got := rec.text("stderr"); got != test.stderr {
				t.Errorf("stderr is %q, want %q", got, test.stderr)
			}
			<-w.Done()
			if w.Err() != error(d) {
				t.Errorf("Err is %v", w.Err())
			}
			if _, err := w.Complete(context.Background(), "x", 1); err != error(d) {
				t.Errorf("a later call says %v", err)
			}
			if _, err := w.Execute(context.Background(), ExecuteRequest{}); err != error(d) {
				t.Errorf("a later Execute says %v", err)
			}
			if w.Interrupt() != nil || w.Close() != nil {
				t.Error("Interrupt or Close of the dead fails")
			}
		})
	}
}

func TestDeathInTheMiddle(t *testing.T) {
	w, rec := start(t, "script", Options{})
	_, err := execute(t, w, "midline")
	if d := death(t, err); d.Reason != "panic: in the middle" {
		t.Errorf("death: %+v", d)
	}
	text := rec.text("stdout")
	lines := strings.Split(text, "\n")
	for i, l := range lines[:len(lines)-1] {
		if !strings.HasPrefix(l, "line ") {
			t.Fatalf("line %d is %q", i, l)
		}
	}
	if len(lines) < 2 {
		t.Error("nothing was printed")
	}
	if got := rec.text("stderr"); got != "" {
		t.Errorf("stderr is %q", got)
	}
}

// A goroutine panics as its cell ends: the reply may or may not come, but the last
// words are never shown as output.
func TestPartingPanic(t *testing.T) {
	for range 20 {
		w, rec := start(t, "script", Options{})
		reply, err := execute(t, w, "parting")
		if err == nil && !strings.Contains(plain(reply), "returned") {
			t.Errorf("reply: %+v", reply)
		}
		<-w.Done()
		if d := death(t, w.Err()); d.Reason != "panic: shortly after" {
			t.Errorf("death: %+v", d)
		}
		if got := rec.text("stderr"); got != "" {
			t.Errorf("stderr is %q", got)
		}
	}
}

func TestAllPendingCallsFail(t *testing.T) {
	w, _ := start(t, "script", Options{})
	<-w.Ready()
	errs := make(chan error)
	for range 3 {
		go func() {
			_, err := w.Execute(context.Background(), ExecuteRequest{Code: "stuck"})
			errs <- err
		}()
	}
	time.Sleep(20 * time.Millisecond)
	w.Kill()
	for range 3 {
		if d := death(t, <-errs); d.Reason != "killed" || !d.Requested {
			t.Errorf("death: %+v", d)
		}
	}
}

func TestExecuteEndsWithItsContext(t *testing.T) {
	defer func(d time.Duration) { stopWithin = d }(stopWithin)
	stopWithin = 200 * time.Millisecond
	w, _ := start(t, "script", Options{})
	<-w.Ready()
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	_, err := w.Execute(ctx, ExecuteRequest{Code: "stuck"})
	if d := death(t, err); !d.Requested || !strings.Contains(d.Reason, "did not stop within") {
		t.Errorf("death: %+v", d)
	}
}

// Text that looks like last words is shown because the process lives, and not because it has been held for long.
func TestLooksLikeACrash(t *testing.T) {
	before := holdMost
	t.Cleanup(func() { holdMost = before }) // when the worker has been closed
	holdMost = time.Hour
	w, rec := start(t, "script", Options{})
	for _, text := range []string{
		"panic: only a text\n",
		"fatal error: printed\nand more\n",
		"a line\nrunti", // torn
	} {
		rec.events = nil
		executeOK(t, w, "err "+text)
		if got := rec.text("stderr"); got != text {
			t.Errorf("%q comes as %q", text, got)
		}
	}
}

func TestMistakesOfTheChild(t *testing.T) {
	for kind, reason := range map[string]string{
		"garbage": "worker: frame is not a JSON object of the protocol",
		"closed":  "worker: the child closed its connection",
		"nothing": "exit status 0",
	} {
		t.Run(kind, func(t *testing.T) {
			w, _ := start(t, kind, Options{})
			_, err := execute(t, w, "value 1")
			if d := death(t, err); !strings.HasPrefix(d.Reason, reason) {
				t.Errorf("death: %+v", d)
			}
		})
	}
}

func TestHeirHoldsThePipes(t *testing.T) {
	w, rec := start(t, "script", Options{})
	_, err := execute(t, w, "heir")
	if d := death(t, err); d.Reason != "exit status 5" {
		t.Errorf("death: %+v", d)
	}
	pid := 0
	for f := range strings.FieldsSeq(rec.text("stdout")) {
		for _, c := range f {
			if c < '0' || c > '9' {
				pid = 0
				break
			}
			pid = pid*10 + int(c-'0')
		}
	}
	if p, err := os.FindProcess(pid); err == nil && pid > 1 {
		p.Kill()
		p.Release()
	} else {
		t.Errorf("no heir: %q", rec.text(""))
	}
}

func TestLastWords(t *testing.T) {
	for _, test := range []struct{ text, user, reason string }{
		{"", "", ""},
		{"only text\n", "only text\n", ""},
		{"panic: boom\n", "", "panic: boom"},
		{"panic: a [recovered]\n\tpanic: b\n", "", "panic: a [recovered]"},
		{"panic: first\n\tpanic: value's second line\n", "", "panic: first"},
		{"panic: user's\npanic: boom\n\n", "panic: user's\n", "panic: boom"},
		{"no newlinepanic: boom: runtime: x\n", "no newline", "panic: boom: runtime: x"},
		{"recovered panic: a\npanic: b\n", "recovered panic: a\n", "panic: b"},
		{"panic: runtime error: index out of range [3] with length 1\n[signal SIGSEGV]\n", "", "panic: runtime error: index out of range [3] with length 1"},
		{"x\nruntime: goroutine stack exceeds 268435456-byte limit\nruntime: sp=0x1 stack=[0x2, 0x3]\nfatal error: stack overflow\n", "x\n",
			"fatal error: stack overflow (goroutine stack exceeds 256 MB limit)"},
		{"runtime: goroutine stack exceeds 1000000000-byte limit\nfatal error: stack overflow\n\nruntime stack:\n", "",
			"fatal error: stack overflow (goroutine stack exceeds 1000000000-byte limit)"},
		{"runtime: out of memory: cannot allocate 1099511627776-byte block (3866624 in use)\nfatal error: out of memory\n", "",
			"fatal error: out of memory (cannot allocate 1099511627776-byte block (3866624 in use))"},
		{"fatal error: all goroutines are asleep - deadlock!\n", "", "fatal error: all goroutines are asleep - deadlock!"},
		{"unexpected fault address 0x10\nfatal error: fault\n", "", "fatal error: fault"},
		{"panic: user's\nfatal error: concurrent map writes\n", "panic: user's\n", "fatal error: concurrent map writes"},
		{"SIGQUIT: quit\nPC=0x46 m=0 sigcode=0\n", "", "SIGQUIT: quit"},
	} {
		user, words := lastWords(test.text)
		if user != test.user || user+words != test.text {
			t.Errorf("%q is cut into %q and %q", test.text, user, words)
		}
		if got := reasonOf(words); got != test.reason {
			t.Errorf("%q: reason %q, want %q", test.text, got, test.reason)
		}
	}
}

func TestHoldback(t *testing.T) {
	at := func(ms int) time.Time { return time.UnixMilli(int64(ms)) }
	var h holdback
	if got := h.add("plain text\n", at(0)); got != "plain text\n" || h.holding() {
		t.Errorf("plain text: %q", got)
	}
	if got := h.add("seen panic: x\n", at(1)); got != "seen " || !h.holding() {
		t.Errorf("suspicious text: %q", got)
	}
	if got := h.add("behind it\n", at(2)); got != "" {
		t.Errorf("text behind it: %q", got)
	}
	h.add("harmless fatal error: y\n", at(60))
	if got := h.release(at(50)); got != "panic: x\nbehind it\nharmless " || !h.since().Equal(at(60)) {
		t.Errorf("released: %q", got)
	}
	if got := h.take(); got != "fatal error: y\n" || h.holding() {
		t.Errorf("taken: %q", got)
	}
	h.add("panic: ", at(0))
	big := strings.Repeat("x", holdBytes)
	if got := h.add(big, at(1)); got != "panic: "+big || h.holding() {
		t.Errorf("too much is held: %d bytes come out", len(got))
	}
}

// FuzzLastWords: whatever a process prints, and however it is cut, nothing of it is lost or changes its place.
func FuzzLastWords(f *testing.F) {
	for _, seed := range []string{
		"panic: boom\n", "a line\npanic: a [recovered]\n\tpanic: b\n", "runtime: goroutine stack exceeds 268435456-byte limit\nfatal error: stack overflow\n\nruntime stack:\n",
		"no newlinefatal error: x", "SIGQUIT: quit\n", "runti", "runtime: out of memory: cannot allocate 8-byte block\nfatal error: out of memory\n",
	} {
		f.Add(seed, uint8(7), uint8(1))
	}
	f.Fuzz(func(t *testing.T, text string, cut, every uint8) {
		user, words := lastWords(text)
		if user+words != text {
			t.Fatalf("%q is cut into %q and %q", text, user, words)
		}
		if words == "" != (reasonOf(words) == "") || strings.Contains(reasonOf(words), "\n") {
			t.Fatalf("%q has the reason %q", words, reasonOf(words))
		}
		if d := shorten(words); len(d) > maxDetail {
			t.Fatalf("%d bytes of detail", len(d))
		}
		var h holdback
		shown, at, n := "", time.Time{}, 0
		for rest := text; rest != ""; n++ {
			piece := rest[:min(len(rest), int(cut)+1)]
			rest = rest[len(piece):]
			at = at.Add(time.Millisecond)
			shown += h.add(piece, at)
			if every > 0 && n%int(every) == 0 && h.holding() {
				shown += h.release(at)
			}
			if !strings.HasPrefix(text, shown) {
				t.Fatalf("%q is shown of %q", shown, text)
			}
		}
		if shown += h.take(); shown != text {
			t.Fatalf("%q is left of %q", shown, text)
		}
	})
}
