package cell

import (
	"swingby/kernel/cell/stdgeneric"
	"swingby/stdlib"
	"testing"
	"time"
)

func TestZZProbe2(t *testing.T) {
	t0 := time.Now()
	n := 0
	idx := map[string][]string{}
	for _, p := range stdlib.Packages() {
		if !p.Preloaded {
			t.Log("not preloaded", p.Path)
			continue
		}
		syms, _ := stdlib.Symbols(p.Path)
		for k := range syms {
			if k[0] != '_' {
				n++
				idx[k] = append(idx[k], p.Path)
			}
		}
	}
	t.Log(n, len(idx), time.Since(t0))
	t0 = time.Now()
	t.Log(stdgeneric.Packages())
	imp := stdlib.NewImporter(nil)
	for _, p := range stdgeneric.Packages() {
		imp.Import(p)
	}
	t.Log(time.Since(t0))
	for _, k := range []string{"Sqrt", "Mean", "NewDense", "Normal", "Println", "Contains", "Sleep", "Point", "Node", "Sum", "Tensor", "Line", "Duration", "Itoa", "Inf", "Graph", "Particle", "Config", "Client", "Matrix", "Vector", "Sort", "Linear", "Adam", "StdDev"} {
		t.Log(k, idx[k])
	}
}
