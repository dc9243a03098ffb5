package sim_test

import (
	"context"
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"swingby/simlib/sim"
	"swingby/simlib/theory"
)

// numbers reads float64 off data, at most n of them, among them what is infinite or no number.
func numbers(data *[]byte, n int) []float64 {
	var x []float64
	for range n {
		if len(*data) < 8 {
			return x
		}
		x = append(x, math.Float64frombits(binary.LittleEndian.Uint64(*data)))
		*data = (*data)[8:]
	}
	return x
}

// Whatever the fields hold, a structure is refused by an error that names its package, or makes a task whose
// methods all answer.
func FuzzStructures(f *testing.F) {
	one := binary.LittleEndian.AppendUint64(nil, math.Float64bits(1))
	nan := binary.LittleEndian.AppendUint64(nil, math.Float64bits(math.NaN()))
	for kind := range uint8(7) {
		f.Add(kind, 0, 3, uint8(2), append(append(append([]byte{}, one...), one...), one...))
		f.Add(kind, -1, -1, uint8(3), append(append([]byte{}, nan...), one...))
		f.Add(kind, 1<<62, 1<<40, uint8(0), []byte{})
	}
	f.Fuzz(func(t *testing.T, kind uint8, d, n int, s uint8, data []byte) {
		if d > 6 && d <= sim.MaxDim || n > 20 && n < 1<<20 {
			return // possible, but slow
		}
		size := int(s % 5)
		mu := numbers(&data, size)
		sigma := numbers(&data, int(s/5)%6)
		var index []int
		for _, b := range data {
			index = append(index, int(int8(b)))
		}
		var st sim.Structure
		switch kind % 7 {
		case 0:
			st = sim.Axes{Mu: mu, Sigma: sigma, D: d, N: n, Origin: s%2 == 0}
		case 1:
			st = sim.Box{Mu: mu, Sigma: sigma, D: d, N: n, Train: [][]int{index}}
		case 2:
			st = sim.Grid{Levels: [][]float64{mu, sigma}, D: d, N: n}
		case 3:
			st = sim.Tree{Parent: index, Mu: mu, Sigma: sigma, D: d, N: n}
		case 4:
			st = sim.Simplex{K: size, Probe: index, Sigma: sigma, D: d, N: n}
		case 5:
			st = sim.Ring{K: size, Probe: index, Sigma: sigma, D: d, N: n, Phase: float64(d)}
		case 6:
			l := sim.Points([][]float64{mu}, [][]float64{sigma})
			l.N, l.Cov = n, [][]float64{mu, sigma}
			st = l
		}
		task, err := sim.NewTask(st)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "sim: ") || !strings.Contains(err.Error(), "want ") {
				t.Errorf("error %q", err)
			}
			return
		}
		task.SecondMoment()
		task.Rates()
		task.Uncorrelated()
		_ = task.String()
		if l, err := task.Lattice(); err == nil {
			l.Covers()
		}
		task.Sample(sim.Sampling{Truncate: s%3 == 0, Rotate: s%2 == 0})
		// The theory runs on it, or says why not.
		w0, err := theory.Init{D: task.D(), Scale: .1, Seed: 1}.W0()
		if err != nil {
			t.Fatal(err)
		}
		m := theory.Symmetric{Task: task, W0: w0, Eta: .01, Steps: 5}
		if run, err := m.Run(context.Background()); err == nil {
			run.Stages()
			run.InModes()
			run.TestLoss().Extrema()
		} else if !strings.HasPrefix(err.Error(), "theory: ") {
			t.Errorf("error %q", err)
		}
		if _, err := m.Predict(); err != nil && !strings.HasPrefix(err.Error(), "theory: ") {
			t.Errorf("error %q", err)
		}
	})
}
