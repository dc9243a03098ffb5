package table

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"swingby/simlib/provenance"
)

func sample(t *testing.T) *Table {
	t.Helper()
	tab, err := New("z", []float64{0.1, math.NaN(), 1e-300, math.Inf(1)}, "n", []int{1, -2, 3, 1 << 53}, "ok", []bool{true, false, true, true},
		"name", []string{"a", "b,c", "", "d \"e\"\nf"})
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

// same compares columns, NaN being equal to itself.
func same(a, b *Table) bool {
	if !reflect.DeepEqual(a.names, b.names) {
		return false
	}
	for j := range a.columns {
		x, isFloat := a.columns[j].([]float64)
		if !isFloat {
			if !reflect.DeepEqual(a.columns[j], b.columns[j]) {
				return false
			}
			continue
		}
		y, ok := b.columns[j].([]float64)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if x[i] != y[i] && !(math.IsNaN(x[i]) && math.IsNaN(y[i])) {
				return false
			}
		}
	}
	return true
}

// TestSaveLoad brings every value back, in the order of the columns, with the manifest.
func TestSaveLoad(t *testing.T) {
	provenance.Begin("n.ipynb", map[string]string{"mu": "1"})
	for _, name := range []string{"t.csv", "t.parquet"} {
		path := filepath.Join(t.TempDir(), name)
		want := sample(t)
		if err := want.Save(path); err != nil {
			t.Fatal(err)
		}
		got, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		if !same(got, want) {
			t.Errorf("%s: got\n%v\nwant\n%v", name, got, want)
		}
		run, ok := got.Run()
		if !ok || run.Notebook != "n.ipynb" || run.Program.Go != runtime.Version() {
			t.Errorf("%s: manifest %+v", name, run)
		}
		hash, err := provenance.HashFile(path)
		now := provenance.Current()
		if err != nil || now.Outputs[path] != hash || now.Inputs[path] != hash {
			t.Errorf("%s: the manifest does not tell of the file: %v", name, now.Outputs)
		}
	}
}

func TestColumns(t *testing.T) {
	tab := sample(t)
	if f, err := tab.Floats("n"); err != nil || !reflect.DeepEqual(f, []float64{1, -2, 3, 1 << 53}) {
		t.Errorf("floats %v, %v", f, err)
	}
	if n, err := tab.Ints("n"); err != nil || n[1] != -2 {
		t.Errorf("ints %v, %v", n, err)
	}
	if s, err := tab.Strings("z"); err != nil || !reflect.DeepEqual(s, []string{"0.1", "", "1e-300", "+Inf"}) {
		t.Errorf("strings %q, %v", s, err)
	}
	if b, err := tab.Bools("ok"); err != nil || !b[0] {
		t.Errorf("bools %v, %v", b, err)
	}
	small, err := New("x", []float32{1, 2}, "s", []string{"a", "bc"})
	if want := "2 rows × 2 columns\nx  s\n1  a\n2  bc"; err != nil || small.String() != want {
		t.Errorf("text %q, want %q", small, want)
	}
}

func TestRefused(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	load := func(path string) error { _, err := Load(path); return err }
	made := func(args ...any) error { _, err := New(args...); return err }
	_, noColumn := sample(t).Floats("y")
	_, noNumber := sample(t).Floats("name")
	for _, c := range []struct {
		err  error
		want string
	}{
		{made("a"), "names and columns in turn"},
		{made(1, []int{1}), "must be the name of a column"},
		{made("a", 1), `column "a": is int, must be a slice`},
		{made("a", []int{1}, "b", []int{1, 2}), `column "b" has 2 values, the others have 1`},
		{made("a", []uint64{1 << 63}), "too large"},
		{noColumn, `no column "y"; there are z, n, ok, name`},
		{noNumber, "not of numbers"},
		{sample(t).Save(filepath.Join(dir, "t.xlsx")), "must end in .csv or .parquet"},
		{sample(t).Save(filepath.Join(dir, "no", "t.csv")), "no such file"},
		{load(filepath.Join(dir, "none.csv")), "no such file"},
		{load(file("empty.csv", "")), "is empty"},
		{load(file("ragged.csv", "a,b\n1\n")), "wrong number of fields"},
		{load(file("twice.csv", "a,a\n1,2\n")), "same name"},
		{load(file("text.parquet", "no parquet")), "cannot be read as Parquet"},
		{load(file("cut.parquet", "PAR1PAR1")), "cannot be read as Parquet"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("error %v, want %s", c.err, c.want)
		}
	}
	if names, _ := filepath.Glob(filepath.Join(dir, ".swingby-*")); names != nil {
		t.Errorf("left behind: %q", names)
	}
}

// TestForeign reads a file that pyarrow has written: see testdata/make.py.
func TestForeign(t *testing.T) {
	tab, err := Load("testdata/pyarrow.parquet")
	if err != nil {
		t.Fatal(err)
	}
	want, err := New("mu", []float64{1, math.NaN(), 2.5}, "n", []int32{1, 2, 3}, "few", []float64{1, math.NaN(), 3}, "name", []string{"a", "", "µ"}, "ok", []bool{true, false, true})
	if err != nil {
		t.Fatal(err)
	}
	if !same(tab, want) {
		t.Errorf("got\n%v\nwant\n%v", tab, want)
	}
}
