package cell

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestMagicTime(t *testing.T) {
	s := newSession(t)
	const (
		amount = `[0-9.]+ (ns|µs|ms|s)\n`
		times  = `CPU times: user [^,]*s, sys: [^,]*s, total: ` + amount + `Wall time: ` + amount
	)
	for i, c := range []struct{ src, want string }{
		{"%time x := 41", times},
		{"%time x + 1", times + `=> int: 42\n`},
		{"%time func() int {\n\treturn x\n}()", times + `=> int: 41\n`},
		{"x\n%time x = 5;", times},
		{"%%time\nx += 1\n!echo between\nx", `between\n` + times + `=> int: 6\n`},
		{"%time panic(1)", times + `!! panic: 1\n!!     In\[6\]:1:7\n!!         %time panic\(1\)\n`},
		{"x", `=> int: 6\n`},
		{"%time time.Sleep(20 * time.Millisecond)", `(?s).*Wall time: ([2-9][0-9](\.[0-9])? ms|[1-9][0-9]{2} ms|[1-9].* s|.*m.*s)\n`},
	} {
		if got := runCell(t, s, i+1, c.src); !regexp.MustCompile("^" + c.want + "$").MatchString(got) {
			t.Errorf("%s\nshows\n%s\nwant\n%s", c.src, got, c.want)
		}
	}
}

func TestMagicTimeit(t *testing.T) {
	s := newSession(t)
	runCell(t, s, 1, "n := 0\nfunc bump() (int, error) { n++; return n, nil }\nl := []int{1, 2}")
	const result = `^[0-9.]+ (ns|µs|ms|s) ± [0-9.]+ (ns|µs|ms|s) per loop \(mean ± std\. dev\. of %s each\), best [0-9.]+ (ns|µs|ms|s)\n$`
	for i, c := range []struct{ src, runs string }{
		{"%timeit -n 10 -r 2 n += 1", "2 runs, 10 loops"},
		{"%timeit -n10 -r1 bump()", "1 run, 10 loops"},
		{"%timeit -n 1 -r 3 len(l) // a value", "3 runs, 1 loop"},
		{"%timeit -n 1 -r 1 n + 1", "1 run, 1 loop"},
		{"%timeit -r 1 time.Sleep(200 * time.Millisecond)", "1 run, 1 loop"},
		{"%%timeit -n 5 -r 2 m := n; n += 1000\nk := m\nvar j = k * 2", "2 runs, 5 loops"},
		{"%%timeit -n 5 -r 2\nfor i := range 3 {\n\tn += i - 1\n}", "2 runs, 5 loops"},
	} {
		want := fmt.Sprintf(result, c.runs)
		if got := runCell(t, s, i+2, c.src); !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("%s\nshows\n%s\nwant\n%s", c.src, got, want)
		}
	}
	if got, want := runCell(t, s, 20, "n"), "=> int: 2030\n"; got != want {
		t.Errorf("the measured code left %s, want %s", got, want)
	}
	if got := runCell(t, s, 21, "%who"); got != "bump  l  n\n" {
		t.Errorf("the names are %q", got)
	}
	for i, src := range []string{"%%timeit -n 1 -r 1\nl[0]++\nl[7]++", "%%timeit -n 1 -r 1\nl[0]++\nnope"} {
		if got := runCell(t, s, 30+i, src); !strings.Contains(got, fmt.Sprintf("In[%d]:3:1", 30+i)) {
			t.Errorf("%s\nshows\n%s", src, got)
		}
	}
	if got := runCell(t, s, 40, "ctx := 3\n%timeit -n 1 -r 1 ctx + 1"); !strings.Contains(got, "per loop") {
		t.Errorf("with a ctx of the cell's own: %s", got)
	}
}

func TestSpell(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                           "0 s",
		1:                           "1 ns",
		123456:                      "123 µs",
		1500 * time.Microsecond:     "1.5 ms",
		12345 * time.Microsecond:    "12.3 ms",
		999999:                      "1 ms",
		2 * time.Second:             "2 s",
		90 * time.Second:            "1m30s",
		59 * time.Second:            "59 s",
		1234567 * time.Nanosecond:   "1.23 ms",
		100 * time.Millisecond:      "100 ms",
		99999 * time.Microsecond:    "100 ms",
		3 * time.Hour:               "3h0m0s",
		20 * time.Millisecond:       "20 ms",
		1999 * time.Millisecond:     "2 s",
		time.Second + time.Second/4: "1.25 s",
	} {
		if got := spell(d); got != want {
			t.Errorf("%d ns is spelt %q, want %q", d, got, want)
		}
	}
	if got := spellSeconds(2.5e-10); got != "0.25 ns" {
		t.Errorf("a quarter of a nanosecond is spelt %q", got)
	}
}
