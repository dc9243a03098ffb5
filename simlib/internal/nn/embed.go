package nn

import (
	"math"

	"swingby/simlib/internal/kernel"
)

// embedding is the sines and then the cosines of a time at frequencies from scale down to
// scale/10000 in equal ratios: sin(scale·10000^(−k/(m−1))·t), k = 0 … m−1, as transformers and
// diffusion models have it for scale 1000 and t from 0 to 1.
type embedding struct {
	freq []float64
}

func newEmbedding(dim int, scale float64) embedding {
	e := embedding{make([]float64, dim/2)}
	for k := range e.freq {
		e.freq[k] = scale
		if m := len(e.freq); m > 1 {
			e.freq[k] *= math.Pow(10000, -float64(k)/float64(m-1))
		}
	}
	return e
}

// embed writes 2·len(freq) numbers for each time, to rows of stride ld.
func embed[T kernel.Float](e embedding, t, y []T, ld int) {
	m := len(e.freq)
	for i, v := range t {
		row := y[i*ld:][:2*m]
		for k, f := range e.freq {
			s, c := math.Sincos(f * float64(v))
			row[k], row[m+k] = T(s), T(c)
		}
	}
}

// embedGrad sets dt from the embedding y and the gradient dy by it.
func embedGrad[T kernel.Float](e embedding, y, dy []T, ld int, dt []T) {
	m := len(e.freq)
	for i := range dt {
		row, d := y[i*ld:][:2*m], dy[i*ld:][:2*m]
		sum := 0.0
		for k, f := range e.freq {
			sum += f * (float64(d[k])*float64(row[m+k]) - float64(d[m+k])*float64(row[k]))
		}
		dt[i] = T(sum)
	}
}
