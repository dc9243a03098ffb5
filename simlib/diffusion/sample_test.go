package diffusion

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// learner is a model of a moment, whose predictions depend on what it is told.
func learner(t *testing.T) *Generator {
	t.Helper()
	run, err := small(60).Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return run.Generator
}

func TestGuidance(t *testing.T) {
	g := learner(t)
	z := mat.NewDense(1, 2, []float64{.4, -.3})
	told, err1 := g.Noise(z, .5, Prompt("blue"))
	free, err2 := g.Noise(z, .5)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	inner := g.g.(*generator[float32])
	d := newDrawer(inner, inner.lane())
	conds, err := inner.a.m.Conditioning.read([]Condition{Prompt("blue")})
	if err != nil {
		t.Fatal(err)
	}
	d.z[0], d.z[1] = .4, -.3
	inner.a.condition(inner.w, conds, 0, false, d.cond[:4])
	inner.a.condition(inner.w, conds, 0, true, d.none[:4])
	for _, w := range []float64{0, 1, 3, -1} {
		eps := d.predict(w, g.Gamma(.5), 1)
		for k := range 2 {
			want := told.At(0, k)
			if w != 0 {
				want = free.At(0, k) + w*(told.At(0, k)-free.At(0, k))
			}
			if math.Abs(float64(eps[k])-want) > 1e-5 {
				t.Errorf("guidance %g predicts %v, want %v", w, eps[k], want)
			}
		}
	}
}

func TestSamples(t *testing.T) {
	g, ctx := learner(t), context.Background()
	draw := func(s Sampling) []float32 {
		t.Helper()
		x, err := g.Sample(ctx, s)
		if err != nil {
			t.Fatal(err)
		}
		return x.X
	}
	for _, m := range []Method{Ancestral, Deterministic} {
		// Any number of steps does, and more samples are those there were and further ones.
		for _, steps := range []int{1, 2, 7} {
			few := draw(Sampling{N: 3, Method: m, Steps: steps, Seed: 4})
			many := draw(Sampling{N: 40, Method: m, Steps: steps, Seed: 4})
			if !slices.Equal(few, many[:len(few)]) {
				t.Errorf("%v, %d steps: 3 samples are not the first of 40", m, steps)
			}
			for _, v := range many {
				if v-v != 0 {
					t.Fatalf("%v, %d steps: a sample has %v", m, steps, v)
				}
			}
		}
	}
	for _, v := range draw(Sampling{N: 50, Method: Deterministic, Steps: 9, Low: -.25, High: .5}) {
		if v < -.25 || v > .5 {
			t.Errorf("a sample has %v, out of its bounds", v)
		}
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := g.Sample(stopped, Sampling{N: 100}); !errors.Is(err, context.Canceled) {
		t.Errorf("sampling that was cancelled ends with %v", err)
	}
}

// The slope of every schedule is that of its γ, and the ends are where they are asked to be.
func TestSchedules(t *testing.T) {
	for _, kind := range []string{"learned", "linear", "cosine"} {
		s := Schedule{Kind: kind, Min: -7, Max: 6}
		for _, x := range []float64{.01, .2, .5, .9, .99} {
			const h = 1e-6
			_, slope := s.Gamma(x)
			up, _ := s.Gamma(x + h)
			down, _ := s.Gamma(x - h)
			if want := (up - down) / (2 * h); math.Abs(slope-want) > 1e-6*want {
				t.Errorf("%s: γ′(%g) is %v, by differences %v", kind, x, slope, want)
			}
		}
		lo, _ := s.Gamma(0)
		hi, _ := s.Gamma(1)
		if math.Abs(lo+7) > 1e-9 || math.Abs(hi-6) > 1e-9 {
			t.Errorf("%s goes from %v to %v, want −7 to 6", kind, lo, hi)
		}
	}
}

// A learned schedule learns: the reconstruction wants less noise at t = 0.
func TestScheduleIsLearned(t *testing.T) {
	g := learner(t)
	if before, after := -5., g.Gamma(0); !(after < before-.01) {
		t.Errorf("γ(0) goes from %v to %v, want less", before, after)
	}
}
