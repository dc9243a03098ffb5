package diffusion

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// FuzzReadCheckpoint reads files with any header and numbers, cut off anywhere, with a checksum that fits and without. None may
// make the reader panic or take much more memory than the file is long; what is not read is told by an error, and a
// state that does not load stays as it was.
func FuzzReadCheckpoint(f *testing.F) {
	s, err := small(9).Start()
	if err != nil {
		f.Fatal(err)
	}
	if err := s.Run(context.Background(), 3); err != nil {
		f.Fatal(err)
	}
	state, generator := filepath.Join(f.TempDir(), "state"), filepath.Join(f.TempDir(), "generator")
	if err := s.Save(state); err != nil {
		f.Fatal(err)
	}
	if err := s.Generator().Save(generator); err != nil {
		f.Fatal(err)
	}
	const fixed = len(fileMagic) + 8
	for _, file := range []string{state, generator} {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		n := int(binary.LittleEndian.Uint32(b[fixed-4:]))
		header, rest := b[fixed:fixed+n], b[fixed+n:len(b)-sha256.Size]
		f.Add(header, rest, uint32(n), 0, true)
		f.Add(header, rest, uint32(n), len(rest)/2, true)
		f.Add(header, rest[:len(rest)/2], uint32(n), 0, true)
		f.Add(header, rest, uint32(n)+1<<31, 0, false)
		for _, c := range [][2]string{
			{`"Widths":[16,16]`, `"Widths":[8192,8192,8192,8192,8192,8192,8192,8192,8192,8192,8192,8192,8192,8192,8192,8192]`},
			{`"Size":2`, `"Size":8192`},
			{`"Kind":"mlp","Size":2`, `"Kind":"unet","Size":1024`},
			{`"Time":64`, `"Time":4096`},
			{`"Float64":false`, `"Float64":true`},
			{`"Numbers":`, `"Numbers":9`},
			{`"Numbers":`, `"Numbers":-`},
			{`"Arrays":[`, `"Arrays":["","","","","","","","","","","","","","",`},
			{`"Step":3`, `"Step":-9223372036854775808`},
			{`"Preconditioning":{`, `"Preconditioning":{"Mean":[1],`},
			{`"Std":0`, `"Std":1e-300`},
			{`"Len":4`, `"Len":4096`},
			{`"Seed":5`, `"Seed":18446744073709551615`},
		} {
			f.Add(bytes.Replace(header, []byte(c[0]), []byte(c[1]), 1), rest, uint32(n), 0, true)
		}
	}
	f.Fuzz(func(t *testing.T, header, rest []byte, n uint32, cut int, sealed bool) {
		b := append([]byte(fileMagic), 1, 0, 0, 0)
		if sealed {
			n = uint32(len(header))
		}
		b = binary.LittleEndian.AppendUint32(b, n)
		b = append(append(b, header...), rest...)
		if sealed {
			sum := sha256.Sum256(b)
			b = append(b, sum[:]...)
		}
		if cut > 0 && cut < len(b) {
			b = b[:len(b)-cut]
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		g, err := openBytes("file", b)
		told := func(what string, err error) {
			if !strings.Contains(err.Error(), "file") || !strings.HasPrefix(err.Error(), "diffusion: ") && !strings.HasPrefix(err.Error(), "nn: ") {
				t.Errorf("%s says %q; want the package and the file", what, err)
			}
		}
		if err != nil {
			told("Open", err)
		} else if z := mat.NewDense(1, g.Model().Net.Len(), nil); g.Model().Conditioning.Kind == "" {
			if _, err := g.Noise(z, .5); err != nil {
				t.Errorf("what was opened predicts nothing: %v", err)
			}
		}
		tr, ok := s.s.(*trainer[float32])
		if !ok {
			t.Fatal("not a float32 state")
		}
		was, step := slices.Clone(tr.w), tr.step
		if err := tr.take(s.t, "file", b); err != nil {
			told("Load", err)
			if tr.step != step || !slices.Equal(tr.w, was) {
				t.Error("a file that does not load changed the state")
			}
		}
		runtime.ReadMemStats(&after)
		if most := uint64(1<<24 + 64*len(b)); after.TotalAlloc-before.TotalAlloc > most {
			t.Errorf("%d bytes are allocated for a file of %d", after.TotalAlloc-before.TotalAlloc, len(b))
		}
	})
}
