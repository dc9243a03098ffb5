package diffusion_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"swingby/simlib/diffusion"
)

// laptop returns what the stored courses of the laptop experiment say, signal by signal. The files are those of
//
//	go run ./simlib/diffusion/sweep -preset laptop -out simlib/diffusion/results/laptop
func laptop(t *testing.T) []*diffusion.Summary {
	t.Helper()
	e := diffusion.Laptop()
	var list []*diffusion.Summary
	for _, signal := range e.Signals {
		files, err := filepath.Glob(filepath.Join("results", "laptop", fmt.Sprintf("%g-*.json", signal)))
		if err != nil {
			t.Fatal(err)
		}
		if len(files) < e.Seeds || e.Seeds < 3 {
			t.Fatalf("%d seeds of signal %g are stored, want %d", len(files), signal, e.Seeds)
		}
		var courses []*diffusion.Course
		for _, f := range files {
			c, err := diffusion.OpenCourse(f)
			if err != nil {
				t.Fatal(err)
			}
			if c.Experiment != e.Name || c.Step[len(c.Step)-1] != e.Steps || c.Signal != signal {
				t.Errorf("%s is of experiment %s, signal %g, with %d updates", f, c.Experiment, c.Signal, c.Step[len(c.Step)-1])
			}
			for k, a := range c.Accuracy {
				if a < .95 {
					t.Errorf("%s: the judge is right about concept %d in %.3f of the images, want .95", f, k+1, a)
				}
			}
			courses = append(courses, c)
		}
		s, err := diffusion.Summarise(.95, courses...)
		if err != nil {
			t.Fatal(err)
		}
		t.Log(s)
		list = append(list, s)
	}
	return list
}

// The stronger the colour signal, the earlier the colours are told apart, and at its two ends the order of learning is reversed.
func TestOrderOfLearningFollowsTheSignal(t *testing.T) {
	list := laptop(t)
	for i, s := range list[1:] {
		if !(s.Learned[0] < list[i].Learned[0]) {
			t.Errorf("at signal %g colour is learned after %.0f updates, at %g after %.0f; want earlier at the stronger", list[i].Signal, list[i].Learned[0], s.Signal, s.Learned[0])
		}
	}
	weak, strong := list[0], list[len(list)-1]
	if weak.Order[0] != 2 || strong.Order[0] != 1 {
		t.Errorf("the order of learning is %v at signal %g and %v at %g; want size first, then colour first", weak.Order, weak.Signal, strong.Order, strong.Signal)
	}
}

// Asked for what it never saw, the model first draws the class trained on that shows the concept learned first, then turns to
// what it is asked for: its error rises before it falls.
func TestSwingBy(t *testing.T) {
	list := laptop(t)
	for _, c := range []struct {
		s    *diffusion.Summary
		by   string
		near float64 // how near it comes to the class it swings by
		part float64 // of its error there that it has at most later
	}{{list[0], "small red circle", .4, 1. / 2}, {list[len(list)-1], "big blue circle", .15, 1. / 10}} {
		s := c.s
		if s.Nearest.Class != c.by || s.Nearest.Distance > c.near {
			t.Errorf("signal %g comes within %v, want within %g of the %s", s.Signal, s.Nearest, c.near, c.by)
		}
		// Then it leaves for the target.
		at, least := s.MSE.At(s.Nearest.T), math.Inf(1)
		for i, y := range s.MSE.Y {
			if s.MSE.T[i] > s.Nearest.T {
				least = min(least, y)
			}
		}
		if !(least < c.part*at) {
			t.Errorf("signal %g has an error of %.3f by the class and of %.3f at least later, want less than %.2g of it", s.Signal, at, least, c.part)
		}
		if !(s.Rise > .05) {
			t.Errorf("signal %g: the error rises by %.3f, want more than .05", s.Signal, s.Rise)
		}
	}
	// At the weakest signal the error rises a second time, after the first 500 updates, when sizes are learned and colours are
	// not: at another time for every seed, so that the mean over seeds hides it and the mean of the rises shows it.
	files, err := filepath.Glob(filepath.Join("results", "laptop", fmt.Sprintf("%g-*.json", list[0].Signal)))
	if err != nil {
		t.Fatal(err)
	}
	second := 0.0
	for _, f := range files {
		c, err := diffusion.OpenCourse(f)
		if err != nil {
			t.Fatal(err)
		}
		mse := c.MSE()
		from := 0
		for mse.T[from] < 500 {
			from++
		}
		mse.T, mse.Y = mse.T[from:], mse.Y[from:]
		t.Logf("seed %d: the error rises by %.3f after 500 updates", c.Seed, mse.Rise())
		second += mse.Rise() / float64(len(files))
	}
	if !(second > .05) {
		t.Errorf("at signal %g the error rises a second time by %.3f in the mean, want more than .05", list[0].Signal, second)
	}
	reached := 0
	for _, s := range list {
		for _, y := range s.MSE.Y {
			if y < .02 {
				reached++
				break
			}
		}
	}
	if reached < 3 {
		t.Errorf("small blue is reached, up to a squared error of .02, at %d signals, want at least 3", reached)
	}
}

// docs/diffusion.md says what the files say.
func TestDocumentedNumbers(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "diffusion.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range laptop(t) {
		if !strings.Contains(string(text), s.String()) {
			t.Errorf("docs/diffusion.md lacks the line %q", s)
		}
	}
}

// The speed of the mean trajectory falls over training, at every signal.
func TestSpeedFalls(t *testing.T) {
	for _, s := range laptop(t) {
		end := s.Speed.T[len(s.Speed.T)-1]
		mean := func(from, to float64) float64 {
			sum, n := 0.0, 0
			for i, at := range s.Speed.T {
				if at > from && at <= to {
					sum, n = sum+s.Speed.Y[i], n+1
				}
			}
			return sum / float64(n)
		}
		early, middle, late := mean(0, end/5), mean(end/5, end/2), mean(end/2, end)
		t.Logf("signal %g: %.2g, %.2g, %.2g per thousand updates", s.Signal, 1000*early, 1000*middle, 1000*late)
		if !(middle < early && late < early/3) {
			t.Errorf("signal %g moves with a speed of %.2g at first, then %.2g, then %.2g per update; want it to fall to less than a third", s.Signal, early, middle, late)
		}
	}
}
