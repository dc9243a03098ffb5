package diffusion

import (
	"fmt"
	"math"

	"swingby/simlib/internal/kernel"
)

// Loss is the bound on the negative log-likelihood in bits per dimension, in its three parts (Kingma, Salimans, Poole,
// Ho: Variational Diffusion Models, 2021, Equation 11 and Section 5.1):
//
//	Diffusion       ½γ′(t) ‖ε̂ − ε‖², what the network can do about it
//	Prior           KL of q(z₁|x) from the standard normal distribution
//	Reconstruction  −log N(x; z₀/α₀, DataNoise²)
type Loss struct {
	Diffusion, Prior, Reconstruction float64
}

// Total returns the sum of the parts.
func (l Loss) Total() float64 { return l.Diffusion + l.Prior + l.Reconstruction }

// String returns the parts and their sum.
func (l Loss) String() string {
	return fmt.Sprintf("%.4g bits per dimension (diffusion %.4g, prior %.2g, reconstruction %.4g)", l.Total(), l.Diffusion, l.Prior, l.Reconstruction)
}

func (l *Loss) add(m Loss, share float64) {
	l.Diffusion += share * m.Diffusion
	l.Prior += share * m.Prior
	l.Reconstruction += share * m.Reconstruction
}

// lossOf computes the loss of one sample x with the noise eps at time t, for which the network predicted pred,
// and share times its gradients: by pred in dpred, by γ(0) and γ(1) and γ′(t) in the result.
//
// The reconstruction depends on the noise in z₀ through its square sum0 alone, whose mean is len(x).
func lossOf[T kernel.Float](x, eps, pred []T, slope, gamma0, gamma1, dataNoise, sum0, share float64, dpred []T) (l Loss, dslope, dgamma0, dgamma1 float64) {
	n := float64(len(x))
	bits := 1 / (n * math.Ln2)

	sum := 0.0
	f := T(slope * bits * share)
	for i, p := range pred {
		e := p - eps[i]
		sum += float64(e) * float64(e)
		dpred[i] = f * e
	}
	l.Diffusion = .5 * slope * sum * bits
	dslope = .5 * sum * bits * share

	square := 0.0
	for _, v := range x {
		square += float64(v) * float64(v)
	}
	a, s := sigmoid(-gamma1), sigmoid(gamma1)
	l.Prior = .5 * (a*square - n*(a+math.Log1p(-a))) * bits
	dgamma1 = -.5 * a * (s*square + n*a) * bits * share

	r := .5 * math.Exp(gamma0) * sum0 / (dataNoise * dataNoise)
	l.Reconstruction = (r + n*(.5*math.Log(2*math.Pi)+math.Log(dataNoise))) * bits
	dgamma0 = r * bits * share
	return l, dslope, dgamma0, dgamma1
}

// noised fills z with αx + σε.
func noised[T kernel.Float](z, x, eps []T, gamma float64) {
	alpha, sigma := AlphaSigma(gamma)
	a, s := T(alpha), T(sigma)
	for i, v := range x {
		z[i] = a*v + s*eps[i]
	}
}

// noisedByGamma returns the derivative by γ of a loss whose gradient by z = αx + σε is dz: α falls by ½ασ² and
// σ rises by ½σα².
func noisedByGamma[T kernel.Float](dz, x, eps []T, gamma float64) float64 {
	var byX, byEps float64
	for i, d := range dz {
		byX += float64(d) * float64(x[i])
		byEps += float64(d) * float64(eps[i])
	}
	alpha, sigma := AlphaSigma(gamma)
	return .5 * alpha * sigma * (alpha*byEps - sigma*byX)
}
