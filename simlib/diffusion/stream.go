package diffusion

import "math/rand/v2"

// What the streams of random numbers are for.
const (
	streamInit = iota + 1
	streamTimes
	streamNoise
	streamOrder
	streamSample
	streamJudge
)

// newStream returns the stream of a purpose, and of two numbers such as step and lane, under a seed.
func newStream(seed uint64, purpose, a, b int) *rand.PCG {
	p := rand.NewPCG(0, 0)
	seedStream(p, seed, purpose, a, b)
	return p
}

// seedStream starts p anew, without an allocation. What a run draws depends on these numbers alone, so that it can begin at any step.
func seedStream(p *rand.PCG, seed uint64, purpose, a, b int) {
	h := scramble(seed + 0x9e3779b97f4a7c15*uint64(purpose))
	h = scramble(h + 0x9e3779b97f4a7c15*uint64(a+1))
	p.Seed(h, scramble(h+0x9e3779b97f4a7c15*uint64(b+1)))
}

// scramble is the finaliser of SplitMix64 (Steele, Lea, Flood 2014).
func scramble(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
