package torch_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"swingby/simlib/torch"
)

// The initialisations of the theory figures, to the last bit.
func TestUUTMatchesPyTorch(t *testing.T) {
	text, err := os.ReadFile("../theory/testdata/theory.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden map[string]struct {
		Config struct {
			Mu    []float64
			Seed  uint64
			Scale float64
		}
		W0 [][]float64
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	for name, g := range golden {
		d := len(g.Config.Mu)
		w, err := torch.UUT(g.Config.Seed, d, g.Config.Scale)
		if err != nil {
			t.Fatal(err)
		}
		for i := range d {
			for j := range d {
				if got, want := w.At(i, j), g.W0[i][j]; math.Float64bits(got) != math.Float64bits(want) {
					t.Errorf("%s: w(%d,%d) = %v, want %v to the last bit", name, i, j, got, want)
				}
			}
		}
	}
	if len(golden) < 4 {
		t.Fatalf("%d golden runs, want at least 4", len(golden))
	}
}

// MT19937's definition fixes the 10000th word after the default seed 5489
// (the C++ standard, [rand.predef]).
func TestGeneratorTenThousandthWord(t *testing.T) {
	g := torch.NewGenerator(5489)
	for range 9999 {
		g.Uint32()
	}
	if got := g.Uint32(); got != 4123659995 {
		t.Errorf("10000th word is %d, want 4123659995", got)
	}
}

func TestSeedCountsModulo32Bits(t *testing.T) {
	a, b := torch.NewGenerator(7), torch.NewGenerator(1<<32+7)
	for range 1000 {
		x := a.Float32()
		if y := b.Float32(); x != y {
			t.Fatalf("seeds 7 and 2³²+7 differ: %g, %g", x, y)
		}
		if !(x >= 0 && x < 1) || x*(1<<24) != float32(int(x*(1<<24))) {
			t.Fatalf("%g is not a multiple of 2^-24 in [0, 1)", x)
		}
	}
}

func TestBadInputIsNamed(t *testing.T) {
	for _, tt := range []struct {
		d    int
		c    float64
		want string
	}{
		{0, 1, "torch: d is 0; want 1 to 1024"},
		{-3, 1, "torch: d is -3; want"},
		{1 << 30, 1, "torch: d is 1073741824; want"},
		{3, 0, "torch: c is 0; want a finite number > 0"},
		{3, -1, "torch: c is -1; want"},
		{3, math.NaN(), "torch: c is NaN; want"},
		{3, math.Inf(1), "torch: c is +Inf; want"},
	} {
		if _, err := torch.UUT(1, tt.d, tt.c); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("UUT(1, %d, %g): error %v, want %q", tt.d, tt.c, err, tt.want)
		}
	}
}

// The first numbers of torch.manual_seed(2333); torch.rand(3).
func ExampleGenerator() {
	g := torch.NewGenerator(2333)
	fmt.Printf("%.10f\n", g.Rand(make([]float32, 3)))
	// Output: [0.6230716705 0.6318433285 0.9887992740]
}

func ExampleUUT() {
	w, err := torch.UUT(2333, 3, 5)
	fmt.Println(w.At(0, 0), w.At(0, 1), err)
	// Output: 0.070606732102341 0.022796974757277863 <nil>
}
