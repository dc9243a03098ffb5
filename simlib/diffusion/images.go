package diffusion

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"slices"

	"swingby/simlib/internal/check"
	"swingby/simlib/train"
)

// Discs is the paper's data set: images of one disc on a light ground, whose colour and size are the
// concepts. With the zero value of every field but Signal it is as published. [Discs.Draw] makes the images.
//
// The pixels are points of the square [−1,1]². A disc of radius r around a point drawn from
// [−Centre, Centre]² is a hard mask, blurred by a Gaussian; colour and ground are mixed by
// it, noise is added, and the sum is clipped to [0,1].
type Discs struct {
	// Size is the height and width in pixels, 4 to 256; 0 stands for 32.
	Size int
	// Signal is the colour signal c, the distance of red from blue: red is (½+c/2, ½−c/2, ½−c/2) in the mean,
	// blue (½−c/2, ½−c/2, ½+c/2), each channel uniform ±c/8. It is > 0 and at most .8, where colours end.
	Signal float64
	// Big and Small are the mean radii; 0 stands for .65 and .25. Spread is the width to either side of what
	// is drawn, uniformly; 0 stands for .15. No radius is below .1.
	Big, Small, Spread float64
	// Centre bounds the coordinates of the disc's centre; 0 stands for .5, a negative number for none.
	Centre float64
	// Ground is the darkest grey of the ground, whose channels are uniform up to 1; 0 stands for .8.
	Ground float64
	// Blur is the standard deviation of the Gaussian in pixels; 0 stands for 1, a negative number for none.
	Blur float64
	// Noise is the standard deviation of the noise; 0 stands for .001, a negative number for none.
	Noise float64
	// Shapes adds the third concept: triangles of the disc's area beside circles.
	Shapes bool
	// HeldOut lists the classes not to train on; nil stands for small blue ones of any shape, an empty list for none.
	HeldOut []Class
	// PerClass is the number of images of each class; 0 stands for 2048.
	PerClass int
	// Pad is the length of the conditioning vector, filled with zeros; 0 stands for what it needs, 4 or with Shapes 5.
	// (The published code has 11.)
	Pad int
	// Seed chooses the images. Each has a stream of its own: with a larger PerClass a class keeps the
	// images that it had.
	Seed uint64
}

// filled returns d with its defaults written out.
func (d Discs) filled() Discs {
	or := func(x *float64, v float64) {
		switch {
		case *x == 0:
			*x = v
		case *x < 0:
			*x = 0
		}
	}
	if d.Size == 0 {
		d.Size = 32
	}
	if d.Big == 0 {
		d.Big = .65
	}
	if d.Small == 0 {
		d.Small = .25
	}
	if d.Spread == 0 {
		d.Spread = .15
	}
	if d.Ground == 0 {
		d.Ground = .8
	}
	or(&d.Centre, .5)
	or(&d.Blur, 1)
	or(&d.Noise, .001)
	if d.PerClass == 0 {
		d.PerClass = 2048
	}
	if d.Pad == 0 {
		d.Pad = d.vectorLen()
	}
	return d
}

// Concepts returns the number of concepts: 2, or 3 with Shapes.
func (d Discs) Concepts() int {
	if d.Shapes {
		return 3
	}
	return 2
}

// vectorLen is the length of the conditioning vector without zeros: colour, size, shape.
func (d Discs) vectorLen() int { return d.Concepts() + 2 }

// maxPixels bounds the images of a draw to 1 GiB.
const maxPixels = 1 << 28

// Check returns an error that names a field, its value and the values accepted.
func (d Discs) Check() error {
	in := func(name string, v, lo, hi float64, want string) error {
		if !(v >= lo && v <= hi) {
			return check.Bad("diffusion: Discs."+name, v, want)
		}
		return nil
	}
	if !(d.Signal > 0 && d.Signal <= .8) {
		return check.Bad("diffusion: Discs.Signal", d.Signal, "a colour signal above 0, at most .8")
	}
	f := d.filled()
	switch {
	case f.Size < 4 || f.Size > 256:
		return check.Bad("diffusion: Discs.Size", d.Size, "4 to 256 pixels, or 0 for 32")
	case f.PerClass < 1 || f.PerClass > maxPixels/(8*3*f.Size*f.Size):
		return check.Bad("diffusion: Discs.PerClass", d.PerClass, fmt.Sprintf("1 to %d, or 0 for 2048", maxPixels/(8*3*f.Size*f.Size)))
	case f.Pad < f.vectorLen() || f.Pad > 1024:
		return check.Bad("diffusion: Discs.Pad", d.Pad, fmt.Sprintf("%d to 1024, or 0 for %d", f.vectorLen(), f.vectorLen()))
	}
	for _, err := range []error{
		in("Big", f.Big, 0, 2, "a radius up to 2"),
		in("Small", f.Small, 0, 2, "a radius up to 2"),
		in("Spread", f.Spread, 0, 2, "a width up to 2"),
		in("Centre", d.Centre, math.Inf(-1), 1, "at most 1, the edge of the image"),
		in("Ground", f.Ground, 0, 1, "a grey from 0 to 1"),
		in("Blur", d.Blur, math.Inf(-1), 64, "at most 64 pixels"),
		in("Noise", d.Noise, math.Inf(-1), 1, "at most 1"),
	} {
		if err != nil {
			return err
		}
	}
	for i, c := range d.HeldOut {
		if c.Triangle && !d.Shapes {
			return check.Bad(fmt.Sprintf("diffusion: Discs.HeldOut[%d]", i), c, "no triangle without Shapes")
		}
	}
	if len(d.Train()) == 0 {
		return check.Bad("diffusion: len(Discs.HeldOut)", len(d.HeldOut), "fewer: a class at least to train on")
	}
	return nil
}

// Classes returns all classes, in binary order.
func (d Discs) Classes() []Class {
	list, _ := Classes(d.Concepts())
	return list
}

// Test returns the classes held out.
func (d Discs) Test() []Class {
	var list []Class
	for _, c := range d.Classes() {
		if d.held(c) {
			list = append(list, c)
		}
	}
	return list
}

// Train returns the classes trained on.
func (d Discs) Train() []Class {
	var list []Class
	for _, c := range d.Classes() {
		if !d.held(c) {
			list = append(list, c)
		}
	}
	return list
}

func (d Discs) held(c Class) bool {
	if d.HeldOut == nil {
		return c.Blue && c.Small
	}
	return slices.Contains(d.HeldOut, c)
}

// Mean returns the conditioning vector of a class's mean: its mean colour, mean radius, with Shapes 0 or 1 for the
// triangle, and zeros up to Pad. It is what stands for a prompt where a model takes vectors.
func (d Discs) Mean(c Class) []float64 {
	d = d.filled()
	v := make([]float64, d.Pad)
	hi, lo := .5+d.Signal/2, .5-d.Signal/2
	v[0], v[1], v[2], v[3] = hi, lo, lo, d.Big
	if c.Blue {
		v[0], v[2] = lo, hi
	}
	if c.Small {
		v[3] = d.Small
	}
	if c.Triangle {
		v[4] = 1
	}
	return v
}

// Condition returns what asks a model for a class: its mean vector, and the prompt in words.
func (d Discs) Condition(c Class) Condition {
	prompt := c.String()
	if !d.Shapes {
		// The word says nothing where all are circles, but it does no harm.
		c.Triangle = false
	}
	return Condition{Vector: d.Mean(c), Prompt: prompt}
}

// Draw makes the images of the classes trained on, PerClass of each, class by class.
func (d Discs) Draw() (*Images, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	return d.draw(d.Train()), nil
}

// DrawClasses makes the images of the classes given, held out or not, PerClass of each. An image is
// the same as in any other draw of its class and number with the same Seed.
func (d Discs) DrawClasses(classes ...Class) (*Images, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	for _, c := range classes {
		if c.Triangle && !d.Shapes {
			return nil, check.Bad("diffusion: the class to draw", c, "no triangle without Discs.Shapes")
		}
	}
	if len(classes) == 0 || len(classes) > 1<<10 {
		return nil, check.Bad("diffusion: the number of classes to draw", len(classes), "1 to 1024")
	}
	return d.draw(classes), nil
}

func (d Discs) draw(classes []Class) *Images {
	d = d.filled()
	n, per := len(classes)*d.PerClass, 3*d.Size*d.Size
	m := &Images{Size: d.Size, X: make([]float32, n*per), Class: make([]Class, n), Conditions: make([]Condition, n)}
	// Blocks, for an image is too little work for a goroutine of its own.
	const block = 64
	// The only errors that Each returns are the function's.
	_ = train.Each(context.Background(), (n+block-1)/block, func(b int) error {
		p := newPainter(d)
		for i := b * block; i < min(n, (b+1)*block); i++ {
			c := classes[i/d.PerClass]
			m.Class[i] = c
			m.Conditions[i] = p.paint(m.X[i*per:(i+1)*per], c, i%d.PerClass)
		}
		return nil
	})
	return m
}

// painter draws one image after the other.
type painter struct {
	d         Discs
	pcg       *rand.PCG
	rng       *rand.Rand
	mask, row []float64
	gauss     []float64 // one half of the blur's weights, from the middle on
}

func newPainter(d Discs) *painter {
	p := &painter{d: d, pcg: rand.NewPCG(0, 0), mask: make([]float64, d.Size*d.Size), row: make([]float64, d.Size)}
	p.rng = rand.New(p.pcg)
	if d.Blur > 0 {
		sum := 0.0
		for k := 0; k <= int(4*d.Blur+.5); k++ { // four standard deviations, as SciPy cuts it
			w := math.Exp(-.5 * float64(k*k) / (d.Blur * d.Blur))
			p.gauss = append(p.gauss, w)
			sum += w
			if k > 0 {
				sum += w
			}
		}
		for k := range p.gauss {
			p.gauss[k] /= sum
		}
	}
	return p
}

// paint draws the image of a class with a number into x, h×w×3, and returns what it shows.
func (p *painter) paint(x []float32, c Class, number int) Condition {
	d := p.d
	kind := uint64(0)
	for k := range concepts {
		if c.bit(k) {
			kind |= 1 << k
		}
	}
	p.pcg.Seed(d.Seed, uint64(number)<<3|kind)
	uniform := func(lo, hi float64) float64 { return lo + (hi-lo)*p.rng.Float64() }

	v := d.Mean(c)
	cx, cy := uniform(-d.Centre, d.Centre), uniform(-d.Centre, d.Centre)
	v[3] = math.Max(.1, v[3]+uniform(-d.Spread, d.Spread))
	var ground [3]float64
	for k := range 3 {
		v[k] += uniform(-d.Signal/8, d.Signal/8)
	}
	for k := range ground {
		ground[k] = uniform(d.Ground, 1)
	}
	p.shape(cx, cy, v[3], c.Triangle)
	p.blur()
	for i, m := range p.mask {
		for k := range 3 {
			y := ground[k] + m*(v[k]-ground[k]) + d.Noise*p.rng.NormFloat64()
			x[3*i+k] = float32(math.Max(0, math.Min(1, y)))
		}
	}
	return Condition{Vector: v, Prompt: c.String()}
}

// shape fills the mask with a disc of radius r, or a triangle of its area that stands on a side.
func (p *painter) shape(cx, cy, r float64, triangle bool) {
	n := p.d.Size
	// The radius of the inscribed circle: the area is 3√3 times its square.
	in := r * math.Sqrt(math.Pi/(3*math.Sqrt(3)))
	for i := range n {
		y := -1 + 2*float64(i)/float64(n-1) - cy
		for j := range n {
			x := -1 + 2*float64(j)/float64(n-1) - cx
			inside := x*x+y*y < r*r
			if triangle {
				inside = y < in && math.Sqrt(3)*math.Abs(x)-y < 2*in
			}
			p.mask[i*n+j] = 0
			if inside {
				p.mask[i*n+j] = 1
			}
		}
	}
}

// blur smooths the mask along rows, then columns. Beyond the edges the image is mirrored.
func (p *painter) blur() {
	if len(p.gauss) < 2 {
		return
	}
	n := p.d.Size
	line := func(from, step int) {
		for i := range n {
			p.row[i] = p.mask[from+i*step]
		}
		at := func(i int) float64 {
			i = ((i % (2 * n)) + 2*n) % (2 * n)
			return p.row[min(i, 2*n-1-i)]
		}
		for i := range n {
			s := p.gauss[0] * p.row[i]
			for k := 1; k < len(p.gauss); k++ {
				s += p.gauss[k] * (at(i-k) + at(i+k))
			}
			p.mask[from+i*step] = s
		}
	}
	for i := range n {
		line(i*n, 1)
	}
	for j := range n {
		line(j, n)
	}
}

// Images are square colour images with what they show.
type Images struct {
	// Size is the height and width in pixels.
	Size int
	// X holds the numbers of one image after the other, height × width × 3 channels (red, green, blue), 0 black to 1.
	X []float32
	// Class is what each image shows, empty where nobody knows.
	Class []Class
	// Conditions is what a model is told about each image; empty where there is nothing to tell.
	Conditions []Condition
}

// Len returns the number of images.
func (m *Images) Len() int {
	if m.Size == 0 {
		return 0
	}
	return len(m.X) / (3 * m.Size * m.Size)
}

// At returns image i as a picture. It panics for an i out of range. Values beyond 0 … 1 are clipped.
func (m *Images) At(i int) image.Image {
	n := m.Size
	x := m.X[i*3*n*n : (i+1)*3*n*n]
	pic := image.NewNRGBA(image.Rect(0, 0, n, n))
	level := func(v float32) uint8 { return uint8(math.Round(255 * math.Max(0, math.Min(1, float64(v))))) }
	for k := range n * n {
		pic.SetNRGBA(k%n, k/n, color.NRGBA{level(x[3*k]), level(x[3*k+1]), level(x[3*k+2]), 255})
	}
	return pic
}

// Pictures returns the first n images as pictures, or all if there are fewer.
func (m *Images) Pictures(n int) []image.Image {
	var list []image.Image
	for i := range min(max(n, 0), m.Len()) {
		list = append(list, m.At(i))
	}
	return list
}

// Data returns the images as what a [Training] learns.
func (m *Images) Data() Data { return Data{X: m.X, Conditions: m.Conditions} }
