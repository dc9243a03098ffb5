package sweep

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func folder(t testing.TB, parameters ...string) *Folder {
	t.Helper()
	f, err := Create(filepath.Join(t.TempDir(), "s"), Spec{Parameters: grid(t, parameters...)})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestRoundTrip: what is read is what was written, to the last bit and with its type.
func TestRoundTrip(t *testing.T) {
	f := folder(t, "i=0..1")
	w, err := f.Writer("a")
	if err != nil {
		t.Fatal(err)
	}
	want := Result{Point: 1, Seconds: 0.5, Host: "h", Fields: []Field{
		{"a", 0.1 + 0.2}, {"b", math.Inf(-1)}, {"c", math.SmallestNonzeroFloat64}, {"d", math.Copysign(0, -1)},
		{"e", int64(math.MaxInt64)}, {"f", true}, {"g", "µ, \"x\"\n"}, {"h", 1.0}, {"i", ""}}}
	if err := w.Append(want); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Open(f.Dir())
	if err != nil {
		t.Fatal(err)
	}
	got := again.Results()[1]
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if x := got.Fields[3].Value.(float64); !math.Signbit(x) {
		t.Error("the sign of zero is lost")
	}
}

// TestTorn: whatever the end of a file is cut to, the lines before count and the last does not; nor does one with a wrong sum.
func TestTorn(t *testing.T) {
	f := folder(t, "i=0..2")
	w, err := f.Writer("a")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if err := w.Append(Result{Point: i, Fields: []Field{{"y", float64(i)}}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := w.file.Name()
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	last := strings.LastIndex(strings.TrimSuffix(string(whole), "\n"), "\n") + 1
	for n := last; n <= len(whole); n++ {
		if err := os.WriteFile(path, whole[:n], 0o666); err != nil {
			t.Fatal(err)
		}
		again, err := Open(f.Dir())
		want := 2
		if n == len(whole) {
			want = 3
		}
		if err != nil || len(again.Results()) != want {
			t.Fatalf("cut to %d of %d bytes: %d results, %v; want %d", n, len(whole), len(again.Results()), err, want)
		}
		// What was half written is read once it is whole.
		if err := os.WriteFile(path, whole, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := again.Refresh(); err != nil || len(again.Results()) != 3 {
			t.Fatalf("then whole: %d results, %v", len(again.Results()), err)
		}
	}
	for i := range whole[:last] {
		bad := append([]byte(nil), whole...)
		bad[i] ^= 1
		if err := os.WriteFile(path, bad, 0o666); err != nil {
			t.Fatal(err)
		}
		if again, err := Open(f.Dir()); err != nil || len(again.Results()) == 3 {
			t.Fatalf("byte %d changed: %d results, %v", i, len(again.Results()), err)
		}
	}
}

// TestTypes: columns have the type that their values allow.
func TestTypes(t *testing.T) {
	g := grid(t, "i=0..2")
	tab, err := g.Tabulate(map[int]Result{
		2: {Point: 2, Fields: []Field{{"n", int64(3)}, {"x", 1.5}, {"b", true}, {"mixed", "a"}}},
		0: {Point: 0, Fields: []Field{{"n", int64(1)}, {"x", int64(2)}, {"mixed", 2.5}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "i,n,x,mixed,b\n0,1,2,2.5,\n2,3,1.5,a,true\n"
	if got := csvOf(t, tab); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if _, err := tab.Ints("n"); err != nil {
		t.Error(err)
	}
	if _, err := tab.Ints("x"); err == nil {
		t.Error("x is a column of whole numbers")
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	for _, c := range [][2]string{{"", "no sweep.json"}, {"{", "unexpected end"}, {`{"format": 9}`, "format 9"}} {
		text, want := c[0], c[1]
		if text != "" {
			if err := os.WriteFile(filepath.Join(dir, specFile), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one with %q", text, err, want)
		}
	}
}
