package torch_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"swingby/simlib/torch"
)

// The rows of PyTorch's rotations, up to the sign of a column, and most of those signs.
func TestRotationMatchesPyTorch(t *testing.T) {
	text, err := os.ReadFile("testdata/rotations.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Rotations []struct {
			D    int
			Seed uint64
			Rows [][]float64
		}
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	columns, flipped := map[bool]int{}, map[bool]int{}
	for _, r := range golden.Rotations {
		u, err := torch.NewGenerator(r.Seed).Rotation(r.D)
		if err != nil {
			t.Fatal(err)
		}
		worst := 0.0
		for j := range r.D {
			dot, sign := 0.0, 1.0
			for i, row := range r.Rows {
				dot += row[j] * u.At(i, j)
			}
			columns[r.D > 25]++
			if dot < 0 {
				sign = -1
				flipped[r.D > 25]++
			}
			for i, row := range r.Rows {
				worst = max(worst, math.Abs(sign*u.At(i, j)-row[j]))
			}
		}
		if !(worst < 5e-5) {
			t.Errorf("d = %d, seed %d: an entry differs by %.2g, want float32's precision, 5e-5", r.D, r.Seed, worst)
		}
		t.Logf("d = %d, seed %d: within %.1e", r.D, r.Seed, worst)
	}
	t.Log("columns with the other sign, d > 25:", flipped[true], "of", columns[true], "and d ≤ 25:", flipped[false], "of", columns[false])
	if columns[true] < 700 || flipped[true] > columns[true]*5/100 {
		t.Errorf("d > 25: %d of %d columns have the other sign, want at most 5%%", flipped[true], columns[true])
	}
	if columns[false] < 200 || flipped[false] > columns[false]*10/100 {
		t.Errorf("d ≤ 25: %d of %d columns have the other sign, want at most 10%%", flipped[false], columns[false])
	}
}

func TestRotationIsOrthogonal(t *testing.T) {
	for _, d := range []int{1, 2, 3, 7, 26, 50} {
		u, err := torch.NewGenerator(uint64(d)).Rotation(d)
		if err != nil {
			t.Fatal(err)
		}
		var uut mat.Dense
		uut.Mul(u, u.T())
		for i := range d {
			uut.Set(i, i, uut.At(i, i)-1)
		}
		if e := mat.Max(&uut) - mat.Min(&uut); e > 1e-13 {
			t.Errorf("d = %d: UUᵀ differs from the identity by %g", d, e)
		}
	}
}

func TestBadSizesAreNamed(t *testing.T) {
	g := torch.NewGenerator(1)
	_, rot := g.Rotation(2000)
	_, in := g.Linear(0, 3, true)
	_, out := g.Linear(1<<20, 1<<20, true)
	for err, want := range map[error]string{
		rot: "torch: d is 2000; want 1 to 1024",
		in:  "torch: in is 0; want 1 to 2^27",
		out: "torch: out is 1048576; want 1 to 128, for",
	} {
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if p := g.Perm(-1); p != nil {
		t.Errorf("an order of -1 things: %v, want nil", p)
	}
}

// What torch.manual_seed(2333); torch.nn.Linear(2, 3) starts from.
func ExampleLinear() {
	l, err := torch.NewGenerator(2333).Linear(2, 3, true)
	fmt.Printf("%.4f\n%.4f %v\n", mat.Formatted(l.W), l.B, err)
	// Output:
	// ⎡ 0.1740   0.1865⎤
	// ⎢ 0.6913  -0.5963⎥
	// ⎣-0.6525   0.0033⎦
	// [-0.2801 0.6839 -0.5425] <nil>
}

func ExampleGenerator_Perm() {
	fmt.Println(torch.NewGenerator(2333).Perm(8))
	// Output: [0 6 3 2 7 4 5 1]
}

// The numbers of torch.manual_seed(0); torch.randn(3), and of a longer draw, which PyTorch makes another way.
func ExampleGenerator_Randn() {
	fmt.Printf("%.4f\n", torch.NewGenerator(0).Randn(make([]float32, 3)))
	fmt.Printf("%.4f\n", torch.NewGenerator(0).Randn(make([]float32, 16))[:3])
	// Output:
	// [1.5410 -0.2934 -2.1788]
	// [-1.1258 -1.1524 -0.2506]
}
