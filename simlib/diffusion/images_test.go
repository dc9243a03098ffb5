package diffusion

import (
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestImagesAreTheSameOnAnyNumberOfCores(t *testing.T) {
	d := Discs{Size: 12, Signal: .4, PerClass: 70, Seed: 3, Shapes: true}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one, err := d.Draw()
	if err != nil {
		t.Fatal(err)
	}
	runtime.GOMAXPROCS(7)
	many, err := d.Draw()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(one.X, many.X) {
		t.Error("one core draws other images than seven")
	}
	// More images of a class are those there were and further ones, and a class looks the same in any draw.
	d.PerClass = 71
	blue := Class{Blue: true, Triangle: true}
	more, err := d.DrawClasses(blue)
	if err != nil {
		t.Fatal(err)
	}
	at, per := slices.Index(one.Class, blue), 3*12*12
	if !slices.Equal(one.X[at*per:(at+70)*per], more.X[:70*per]) {
		t.Error("a class drawn by itself has other images")
	}
}

// What the images show is what their conditions say, by measuring them.
func TestImagesShowTheirConditions(t *testing.T) {
	for _, shapes := range []bool{false, true} {
		d := Discs{Size: 64, Signal: .6, PerClass: 40, Centre: .01, Spread: .05, Noise: -1, Blur: -1, Big: .5, Shapes: shapes, HeldOut: []Class{}}
		m, err := d.Draw()
		if err != nil {
			t.Fatal(err)
		}
		if want := 40 * len(d.Classes()); m.Len() != want {
			t.Fatalf("%d images, want %d", m.Len(), want)
		}
		for i := range m.Len() {
			c, v := m.Class[i], m.Conditions[i].Vector
			x := m.X[i*3*64*64 : (i+1)*3*64*64]
			// The ground is light in all channels; the middle pixel is the disc's.
			mid := x[3*(32*64+32) : 3*(32*64+32)+3]
			area := 0
			for k := 0; k < len(x); k += 3 {
				if slices.Equal(x[k:k+3], mid) {
					area++
				}
			}
			for k := range 3 {
				if math.Abs(float64(mid[k])-v[k]) > 1e-6 {
					t.Fatalf("image %d, %v: the colour is %v, said to be %v", i, c, mid, v[:3])
				}
			}
			if (mid[2] > mid[0]) != c.Blue {
				t.Errorf("image %d, %v, has the colour %v", i, c, mid)
			}
			// 64 pixels cover a width of 2·64/63.
			r := math.Sqrt(float64(area)/math.Pi) * 2 / 63
			if math.Abs(r-v[3]) > .03 {
				t.Errorf("image %d, %v: an area of radius %.3f, said to be %.3f", i, c, r, v[3])
			}
			if (v[3] < .375) != c.Small {
				t.Errorf("image %d, %v, has radius %.3f", i, c, v[3])
			}
		}
	}
}

func TestHeldOut(t *testing.T) {
	d := Discs{Signal: .5}
	if got := d.Test(); len(got) != 1 || got[0] != SmallBlue || got[0].Code() != "11" {
		t.Errorf("held out are %v, want the small blue circle", got)
	}
	if got := len(d.Train()); got != 3 {
		t.Errorf("%d classes to train on, want 3", got)
	}
	d.HeldOut = []Class{{Small: true}}
	if got := d.Test(); len(got) != 1 || got[0].String() != "small red circle" {
		t.Errorf("held out are %v, want the small red circle", got)
	}
}

// The blur keeps the sum of the mask away from the edges, and is the Gaussian's.
func TestBlur(t *testing.T) {
	d := Discs{Size: 31, Signal: .5, Blur: 1.5}.filled()
	p := newPainter(d)
	p.mask[15*31+15] = 1
	p.blur()
	sum, second := 0.0, 0.0
	for i := range 31 {
		for j := range 31 {
			sum += p.mask[i*31+j]
			second += p.mask[i*31+j] * float64((j-15)*(j-15))
		}
	}
	if math.Abs(sum-1) > 1e-12 || math.Abs(second-1.5*1.5) > .01 {
		t.Errorf("the blurred point has sum %v and variance %v, want 1 and 2.25", sum, second)
	}
	for i := range p.mask {
		p.mask[i] = 1
	}
	p.blur()
	if math.Abs(p.mask[0]-1) > 1e-12 {
		t.Errorf("at the edge an even mask becomes %v, want 1", p.mask[0])
	}
}

func TestParseClass(t *testing.T) {
	for _, list := range [][]Class{{{}}, {SmallBlue}, {{Blue: true, Triangle: true}}} {
		for _, c := range list {
			if got, err := ParseClass(strings.ToUpper(c.String())); err != nil || got != c {
				t.Errorf("%q is read as %v, %v", c, got, err)
			}
		}
	}
	for prompt, want := range map[string]string{
		"small green circle": `diffusion: the word "green" of prompt "small green circle" is unknown; want words of red, blue, big, small, circle, triangle`,
		"red blue":           `diffusion: prompt "red blue" says both "red" and "blue"; want one colour`,
	} {
		if _, err := ParseClass(prompt); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
