package sim_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/sim"
)

// floats appends the first cols columns of m to b as little-endian float32.
func floats(b []byte, m *mat.Dense, cols int) []byte {
	rows, _ := m.Dims()
	for i := range rows {
		for _, v := range m.RawRowView(i)[:cols] {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(v)))
		}
	}
	return b
}

func sha(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// Each of the 29 commands must draw what the authors' program does, from the seed alone.
func TestReleasedCommandsDrawThePublishedData(t *testing.T) {
	text, err := os.ReadFile("testdata/released.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Commands map[int]struct {
			Train, Test, Init string
			Rotation          *int
		}
		Rotations [][][]float64
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden.Commands) != 29 {
		t.Fatalf("%d golden commands, want 29", len(golden.Commands))
	}
	for _, c := range sim.Commands() {
		draw, err := c.Draw()
		if err != nil {
			t.Fatal(err)
		}
		want, s := golden.Commands[c.ID], len(c.Mu)
		if got := sha(floats(nil, draw.Data.X, s)); got != want.Train {
			t.Errorf("command %d: the training samples differ from the published ones", c.ID)
		}
		if got := sha(floats(nil, draw.Test, s)); got != want.Test {
			t.Errorf("command %d: the test samples differ from the published ones", c.ID)
		}
		var init []byte
		for _, l := range draw.Layers {
			_, in := l.W.Dims()
			init = floats(floats(init, l.W, in), mat.NewDense(1, len(l.B), l.B), len(l.B))
		}
		if sha(init) != want.Init {
			t.Errorf("command %d: the initialisation differs from the published one", c.ID)
		}
		if (want.Rotation != nil) != (draw.Data.U != nil) {
			t.Fatalf("command %d: rotation %v", c.ID, draw.Data.U != nil)
		}
		if want.Rotation == nil {
			continue
		}
		worst := 0.0
		var flip []int
		for j := range c.D {
			dot := 0.0
			for i, row := range golden.Rotations[*want.Rotation] {
				worst = max(worst, math.Abs(draw.Data.U.At(i, j)-row[j]))
				dot += draw.Data.U.At(i, j) * row[j]
			}
			if dot < 0 {
				flip = append(flip, j)
			}
		}
		if tol := map[bool]float64{true: 1e-7, false: 1e-5}[c.D == 2]; !(worst <= tol) {
			t.Errorf("command %d: the rotation's first rows are off by %g, want at most %g; columns %v have the other sign", c.ID, worst, tol, flip)
		}
	}
}

// What the command adds to its task must be checked before anything is drawn.
func TestBadCommandIsNamed(t *testing.T) {
	for want, change := range map[string]func(*sim.Command){
		"sim: len(Command.Variance) is 1; want s = len(Mu) = 2":   func(c *sim.Command) { c.Variance = c.Variance[:1] },
		"sim: Command.Variance[0] is -1; want":                    func(c *sim.Command) { c.Variance[0] = -1 },
		"sim: Command.Variance[1] is NaN; want":                   func(c *sim.Command) { c.Variance[1] = math.NaN() },
		"sim: Axes.Mu[0] is -1; want":                             func(c *sim.Command) { c.Mu[0] = -1 },
		"sim: Axes.D is 1; want at least s = len(Mu) = 2":         func(c *sim.Command) { c.D = 1 },
		"sim: Command.D is 1500; want at most 1024 with Rotate":   func(c *sim.Command) { c.D = 1500 },
		"sim: Command.Samples is 0; want a number of samples":     func(c *sim.Command) { c.Samples = 0 },
		"sim: Command.Samples is 1073741824; want at most 139810": func(c *sim.Command) { c.Samples = 1 << 30 },
		"sim: Command.Layers is 0; want 1 to 1000":                func(c *sim.Command) { c.Layers = 0 },
		"sim: Command.Hidden is 0; want 1 to 4096":                func(c *sim.Command) { c.Layers, c.Hidden = 2, 0 },
	} {
		c, err := sim.Released(2)
		if err != nil {
			t.Fatal(err)
		}
		change(&c)
		if c.Samples == 1<<30 {
			c.D = 640
		}
		if _, err := c.Draw(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	for _, id := range []int{0, 30, -1} {
		if _, err := sim.Released(id); err == nil || !strings.Contains(err.Error(), "want 1 to 29") {
			t.Errorf("command %d: error %v", id, err)
		}
	}
}

// The run behind the low-dimensional half of Figure 3.
func ExampleReleased() {
	c, err := sim.Released(29)
	fmt.Println(c.Figure, c.Mu, c.Layers, c.LearningRate, err)
	draw, err := c.Draw()
	n, d := draw.Data.X.Dims()
	fmt.Printf("%d samples in %d dimensions, the first %.7f %v\n", n, d, draw.Data.X.RawRowView(0), err)
	// Output:
	// 2c, 3 (low dimension) [2 4] 4 0.01 <nil>
	// 15000 samples in 2 dimensions, the first [1.9928005 -0.1368284] <nil>
}

// The same run from another seed.
func ExampleCommand() {
	c, _ := sim.Released(26)
	c.Seed, c.Samples = 7, 100
	draw, err := c.Draw()
	fmt.Println(draw.Task, err)
	// Output: SIM task: d = 3, s = 2, 3 clusters, n = 100, x̂ = [1 2 0] <nil>
}

func ExampleDraw() {
	c, _ := sim.Released(26)
	draw, _ := c.Draw()
	for _, l := range draw.Layers {
		fmt.Printf("%.6f\n", l.B)
	}
	// Output:
	// [0.489899 0.076837 -0.275799]
	// [-0.382727 -0.221966 -0.504859]
	// [-0.202347 0.285160 -0.518705]
}

func ExampleCommands() {
	for _, c := range sim.Commands() {
		if c.Figure == "2a" {
			fmt.Println(c.ID, c.Mu)
		}
	}
	// Output:
	// 17 [1 2]
	// 18 [2 2]
	// 19 [3 2]
}
