// Package prince makes steps of the Runge–Kutta method of Dormand and Prince (Journal of Computational and Applied
// Mathematics 6, 1980; Hairer, Nørsett and Wanner: Solving Ordinary Differential Equations I, table II.5.2): of order
// five, with a solution of order four in the same stages, whose difference tells the error. How long a step
// should be is for the caller to say.
package prince

// stages has the coefficients of each stage after the first. The last is the solution of order five.
var stages = [6][]float64{
	{1. / 5},
	{3. / 40, 9. / 40},
	{44. / 45, -56. / 15, 32. / 9},
	{19372. / 6561, -25360. / 2187, 64448. / 6561, -212. / 729},
	{9017. / 3168, -355. / 33, 46732. / 5247, 49. / 176, -5103. / 18656},
	{35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84},
}

// weights is the difference of the two solutions.
var weights = [7]float64{71. / 57600, 0, -71. / 16695, 71. / 1920, -17253. / 339200, 22. / 525, -1. / 40}

// Slopes are those of a step's stages: the first at its beginning, the last at its end, where the next step begins.
type Slopes [7][]float64

// Make makes room for n numbers.
func (k *Slopes) Make(n int) {
	for i := range k {
		k[i] = make([]float64, n)
	}
}

// Step puts the solution a time h after y into next. k[0] is the slope at y; slope finds the others.
func (k *Slopes) Step(y, next []float64, h float64, slope func(dst, y []float64)) {
	for s, row := range stages {
		for i := range y {
			sum := 0.0
			for j, a := range row {
				sum += a * k[j][i]
			}
			next[i] = y[i] + h*sum
		}
		slope(k[s+1], next)
	}
}

// Error returns by how much the two solutions of a step of length h differ in number i.
func (k *Slopes) Error(i int, h float64) float64 {
	e := 0.0
	for j, w := range weights {
		e += w * k[j][i]
	}
	return h * e
}

// Accept begins the next step where this one ended.
func (k *Slopes) Accept() { k[0], k[6] = k[6], k[0] }
