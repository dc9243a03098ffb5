package train_test

import (
	"context"
	"fmt"
	"testing"

	"swingby/simlib/train"
)

// BenchmarkUpdate gives the time of one update at the sizes of the published runs.
func BenchmarkUpdate(b *testing.B) {
	for _, c := range []struct {
		layers, d, h int
		relu         bool
	}{{3, 3, 3, false}, {4, 2, 4, false}, {3, 3, 3, true}, {1, 64, 64, false}, {4, 64, 64, false}, {2, 64, 64, true}, {4, 64, 64, true}} {
		n := train.MLP(c.d, c.h, c.layers)
		if !c.relu {
			n.Activation = train.Activation{}
		}
		// Two concepts, as there: the other coordinates are zero.
		x := normal(1, 15000, c.d)
		for i := range 15000 {
			clear(x.RawRowView(i)[2:])
		}
		tr := train.Training{Net: n, W0: weights(b, n, 1), X: x, Optimizer: train.SGD(.001), Batch: 128, Epochs: 40, Precision: train.Float32}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if _, err := tr.Run(context.Background()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/(40*118)*1e6, "µs/update")
		})
	}
}
