package archive

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
)

var sample = map[string][]byte{
	"fmt":     []byte(strings.Repeat("Println ", 1000)),
	"a/b":     {},
	"math/v2": {0, 1, 255},
}

func TestRoundTrip(t *testing.T) {
	data, err := Write("test go1.26", sample)
	if err != nil {
		t.Fatal(err)
	}
	if len(data) > 200 {
		t.Errorf("%d bytes: not compressed", len(data))
	}
	again, err := Write("test go1.26", sample)
	if err != nil || !bytes.Equal(data, again) {
		t.Errorf("the same entries give other bytes (%v)", err)
	}
	a, err := Open(string(data))
	if err != nil {
		t.Fatal(err)
	}
	if a.Header != "test go1.26" {
		t.Errorf("header %q", a.Header)
	}
	if got, want := a.Paths(), []string{"a/b", "fmt", "math/v2"}; !slices.Equal(got, want) {
		t.Errorf("paths %q, want %q", got, want)
	}
	for path, want := range sample {
		if got, err := a.Read(path); err != nil || !bytes.Equal(got, want) || !a.Has(path) {
			t.Errorf("%s: %q, %v", path, got, err)
		}
	}
	if got, err := a.Read("none"); got != nil || err != nil || a.Has("none") {
		t.Errorf("an entry that is not there: %q, %v", got, err)
	}
}

func TestWriteHeader(t *testing.T) {
	if _, err := Write("two\nlines", nil); err == nil {
		t.Error("a header of two lines was written")
	}
}

// TestOpenCut cuts an archive short at every byte: it must be refused, or its entries
// must read with an error, never with wrong content.
func TestOpenCut(t *testing.T) {
	data, err := Write("h", sample)
	if err != nil {
		t.Fatal(err)
	}
	for n := range data {
		if _, err := Open(string(data[:n])); !errors.Is(err, ErrFormat) {
			t.Errorf("first %d of %d bytes: %v", n, len(data), err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	data, err := Write("h", sample)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(data))
	f.Add("h\n\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")
	f.Add("h\n\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")
	f.Fuzz(func(t *testing.T, data string) {
		a, err := Open(data)
		if err != nil {
			return
		}
		for _, p := range a.Paths() {
			a.Read(p)
		}
	})
}
