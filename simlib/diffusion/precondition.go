package diffusion

import (
	"fmt"
	"math"

	"swingby/simlib/internal/check"
	"swingby/simlib/internal/kernel"
)

// Preconditioning says how the samples lie, as far as a normal distribution does, so that the network has to learn
// only the rest. Its zero value is none: the network predicts the noise as such. [Data.Preconditioning] and
// [Mixture.Preconditioning] make one.
//
// With y = z − αm, where m is the Mean, s the Std and w the Within, the noise predicted is
//
//	ε̂ = σ/v · y + b·F(y/√v)    v = α²s² + σ²    b² = σ² (1/(α²w² + σ²) − 1/v)
//
// The first term is exact for normal samples. What it leaves of clusters of width w, overall s wide, is b in the root mean square or
// less. So the network F has numbers up to about 1 to learn, whatever the noise, and its errors weigh no more than
// what it learns. For w = 0 this is the preconditioning of
//
//	Karras, Aittala, Aila, Laine: Elucidating the Design Space of
//	Diffusion-Based Generative Models. NeurIPS 2022, Table 1
//
// which suits images, that fill a thin part of their space. Where the samples have a density, as the clusters of a SIM
// task, w > 0 keeps the score as good at little noise as at much.
type Preconditioning struct {
	// Mean is that of the samples, of a sample's length; nil is all zeros.
	Mean []float64 `json:",omitempty"`
	// Std is the standard deviation of the samples, over all their numbers; 0 is no preconditioning.
	Std float64
	// Within is the standard deviation within a cluster, from 0 to below Std: 0 if the samples fill no volume.
	Within float64
}

func (p Preconditioning) check(field string, n int) error {
	if p.Std == 0 {
		if p.Mean != nil || p.Within != 0 {
			return check.Bad(field+".Std", p.Std, "above 0 with a Mean or Within")
		}
		return nil
	}
	if !(p.Std > 0 && p.Std <= 1e6) {
		return check.Bad(field+".Std", p.Std, "above 0, at most 1e6, or 0 for no preconditioning")
	}
	if !(p.Within >= 0 && p.Within < p.Std) {
		return check.Bad(field+".Within", p.Within, fmt.Sprintf("0 to below Std, %g", p.Std))
	}
	if p.Mean != nil && len(p.Mean) != n {
		return check.Bad("diffusion: len("+field[len("diffusion: "):]+".Mean)", len(p.Mean), fmt.Sprintf("%d, the numbers of a sample, or nil", n))
	}
	return check.Finite(field+".Mean", p.Mean)
}

// Preconditioning returns mean and standard deviation of the samples, for a model whose samples have n numbers each. What
// it leaves 0 is Within, which samples alone do not tell.
func (d Data) Preconditioning(n int) (Preconditioning, error) {
	if n < 1 || len(d.X) == 0 || len(d.X)%n != 0 {
		return Preconditioning{}, check.Bad("diffusion: len(Data.X)", len(d.X), fmt.Sprintf("a multiple of the numbers of a sample, %d", n))
	}
	p := Preconditioning{Mean: make([]float64, n)}
	for i, v := range d.X {
		p.Mean[i%n] += float64(v)
	}
	for k := range p.Mean {
		p.Mean[k] /= float64(len(d.X) / n)
	}
	sum := 0.0
	for i, v := range d.X {
		e := float64(v) - p.Mean[i%n]
		sum += e * e
	}
	p.Std = math.Sqrt(sum / float64(len(d.X)))
	return p, p.check("diffusion: Preconditioning", n)
}

// Preconditioning returns what is known of the mixture: its mean, its standard deviation over all axes, and within a cluster
// that of the narrowest axis that has one.
func (m *Mixture) Preconditioning() Preconditioning {
	p := Preconditioning{Mean: m.Mean(), Within: math.Inf(1)}
	cov, sum := m.Covariance(), 0.0
	for k := range m.d {
		sum += cov.At(k, k)
	}
	p.Std = math.Sqrt(sum / float64(m.d))
	for _, values := range m.values {
		for _, v := range values {
			if v > 0 {
				p.Within = math.Min(p.Within, math.Sqrt(v))
			}
		}
	}
	if p.Within >= p.Std { // one cluster, or none with a width
		p.Within = 0
	}
	return p
}

// balance has the coefficients of a preconditioning at a γ: those of y, of the network and of its input.
type balance struct{ skip, out, in float64 }

func (p Preconditioning) at(gamma float64) (c balance) {
	a2, s2 := sigmoid(-gamma), sigmoid(gamma)
	v := a2*p.Std*p.Std + s2
	u := a2*p.Within*p.Within + s2
	// 1/u − 1/v without cancellation.
	rest := a2 * (p.Std - p.Within) * (p.Std + p.Within) / (u * v)
	return balance{math.Sqrt(s2) / v, math.Sqrt(s2 * rest), 1 / math.Sqrt(v)}
}

// slope returns the derivatives of the coefficients by γ.
func (p Preconditioning) slope(gamma float64) balance {
	a2, s2 := sigmoid(-gamma), sigmoid(gamma)
	c := p.at(gamma)
	v := a2*p.Std*p.Std + s2
	u := a2*p.Within*p.Within + s2
	// α² falls and σ² rises by α²σ².
	dv, du := a2*s2*(1-p.Std*p.Std), a2*s2*(1-p.Within*p.Within)
	return balance{
		skip: c.skip * (.5*a2 - dv/v),
		// b² = σ²α²(s² − w²)/(uv).
		out: .5 * c.out * (a2 - s2 - du/u - dv/v),
		in:  -.5 * c.in * dv / v,
	}
}

// mean returns number k of the mean.
func (p Preconditioning) mean(k int) float64 {
	if p.Mean == nil {
		return 0
	}
	return p.Mean[k]
}

// balanced is the factor on a loss at a γ that makes errors of the network count alike at all times, for a schedule with that slope.
func (p Preconditioning) balanced(gamma, slope float64) float64 {
	c := p.at(gamma)
	return 1 / (slope * c.out * c.out)
}

// before fills in with what the network sees of one sample z.
func before[T kernel.Float](p Preconditioning, gamma float64, z, in []T) {
	if p.Std == 0 {
		copy(in, z)
		return
	}
	alpha, _ := AlphaSigma(gamma)
	c := p.at(gamma)
	for k, v := range z {
		in[k] = T(c.in * (float64(v) - alpha*p.mean(k)))
	}
}

// after turns the network's output for one sample, whose input it was given, into the noise predicted.
func after[T kernel.Float](p Preconditioning, gamma float64, in, out []T) {
	if p.Std == 0 {
		return
	}
	c := p.at(gamma)
	for k, x := range in {
		// Networks add their input to their output, which here the first term does.
		out[k] = T(c.skip/c.in*float64(x) + c.out*float64(out[k]-x))
	}
}

// beforeBackward replaces the gradient of a loss by the noise predicted, in dout, by that by the network's output, and returns
// what of its derivative by γ goes through the coefficients of after.
func beforeBackward[T kernel.Float](p Preconditioning, gamma float64, in, pred, dout []T) (byGamma float64) {
	if p.Std == 0 {
		return 0
	}
	alpha, sigma := AlphaSigma(gamma)
	c, by := p.at(gamma), p.slope(gamma)
	dalpha := -.5 * alpha * sigma * sigma
	for k, d := range dout {
		y := float64(in[k]) / c.in
		f := (float64(pred[k]) - c.skip*y) / c.out
		byGamma += float64(d) * (by.skip*y - c.skip*dalpha*p.mean(k) + by.out*f)
		dout[k] = T(c.out) * d
	}
	return byGamma
}

// afterBackward replaces the gradient by the network's input, in dz, by that by z, and returns what of the derivative by γ goes
// through the coefficients of before. It takes dout as beforeBackward left it.
func afterBackward[T kernel.Float](p Preconditioning, gamma float64, in, dout, dz []T) (byGamma float64) {
	if p.Std == 0 {
		return 0
	}
	alpha, sigma := AlphaSigma(gamma)
	c, by := p.at(gamma), p.slope(gamma)
	dalpha := -.5 * alpha * sigma * sigma
	for k, d := range dz {
		y, o := float64(in[k])/c.in, float64(dout[k])
		din := float64(d) - o
		byGamma += din * (by.in*y - c.in*dalpha*p.mean(k))
		dz[k] = T(c.skip*o/c.out + c.in*din)
	}
	return byGamma
}
