package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The same files give the same bytes: whoever has them, whenever they were
// written, in whichever order they are named.
func TestArchivesAreReproducible(t *testing.T) {
	at := time.Unix(1_700_000_000, 0).UTC()
	files := func(age time.Duration, mode os.FileMode, backwards bool) []file {
		dir := t.TempDir()
		var list []file
		for _, name := range []string{"swingby", "LICENSE", "notebooks/00.ipynb"} {
			path := filepath.Join(dir, filepath.Base(name))
			if err := os.WriteFile(path, []byte("text of "+name), mode); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(path, at.Add(age), at.Add(age)); err != nil {
				t.Fatal(err)
			}
			f := file{name: name, path: path}
			if name == "swingby" {
				f.mode = 0o755
			}
			if backwards {
				list = append([]file{f}, list...)
			} else {
				list = append(list, f)
			}
		}
		return list
	}
	for _, w := range []struct {
		name  string
		write func(io.Writer, string, []file, time.Time) error
	}{{"tar.gz", writeTarGz}, {"zip", writeZip}} {
		var a, b, c bytes.Buffer
		for _, e := range []struct {
			to    *bytes.Buffer
			files []file
			at    time.Time
		}{
			{&a, files(0, 0o644, false), at},
			{&b, files(time.Hour, 0o600, true), at},
			{&c, files(0, 0o644, false), at.Add(time.Hour)},
		} {
			if err := w.write(e.to, "swingby-1", e.files, e.at); err != nil {
				t.Fatal(w.name, err)
			}
		}
		if !bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Errorf("%s: the same files gave other bytes", w.name)
		}
		if bytes.Equal(a.Bytes(), c.Bytes()) {
			t.Errorf("%s: the time of the commit is not in it", w.name)
		}
	}
}

func TestArchivesUnpack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p")
	if err := os.WriteFile(path, []byte("program"), 0o600); err != nil {
		t.Fatal(err)
	}
	files := []file{{name: "swingby", path: path, mode: 0o755}, {name: "LICENSE", path: path}}
	at := time.Unix(1_700_000_000, 0).UTC()
	want := "d/LICENSE 644 program\nd/swingby 755 program\n"

	var buf bytes.Buffer
	if err := writeTarGz(&buf, "d", files, at); err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(&buf)
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Uid != 0 || h.Gid != 0 || h.Uname != "" || h.Gname != "" || !h.ModTime.Equal(at) {
			t.Errorf("%s says who packed it, or when: %+v", h.Name, h)
		}
		describeEntry(t, &got, h.Name, h.FileInfo().Mode(), r)
	}
	if got.String() != want {
		t.Errorf("tar.gz has\n%swant\n%s", &got, want)
	}

	buf.Reset()
	if err := writeZip(&buf, "d", files, at); err != nil {
		t.Fatal(err)
	}
	archive, err := zip.NewReader(bytes.NewReader(buf.Bytes()), int64(buf.Len()))
	if err != nil {
		t.Fatal(err)
	}
	got.Reset()
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		describeEntry(t, &got, f.Name, f.Mode(), r)
	}
	if got.String() != want {
		t.Errorf("zip has\n%swant\n%s", &got, want)
	}
}

func describeEntry(t *testing.T, to *strings.Builder, name string, mode os.FileMode, r io.Reader) {
	t.Helper()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(to, "%s %o %s\n", name, mode.Perm(), data)
}

func TestSBOMNeedsLicences(t *testing.T) {
	whole := `{"metadata":{"component":{"name":"swingby"}},"components":[{"name":"std"},{"name":"m","licenses":[{"license":{"id":"MIT"}}]}]}`
	out, err := completeSBOM([]byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(out), "BSD-3-Clause"); n != 2 {
		t.Errorf("%d licences were added, want the program's and that of Go:\n%s", n, out)
	}
	for text, want := range map[string]string{
		strings.Replace(whole, `"licenses":[{"license":{"id":"MIT"}}]`, `"licenses":[]`, 1): "no licence for m",
		`{"components":[]}`: "does not say what it is of",
		`{`:                 "not JSON",
	} {
		if _, err := completeSBOM([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", text, err, want)
		}
	}
}

func TestUnknownSystem(t *testing.T) {
	err := run(t.TempDir(), false, []string{"plan9/amd64"})
	if err == nil || !strings.Contains(err.Error(), `"plan9/amd64" is not a system of releases; they are linux/amd64`) {
		t.Errorf("error %v", err)
	}
}
