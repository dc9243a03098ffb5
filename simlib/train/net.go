package train

import (
	"fmt"

	"swingby/simlib/internal/check"
	"swingby/simlib/internal/layers"
	"swingby/simlib/torch"
)

// maxParams bounds a network to 512 MiB of parameters.
const maxParams = 1 << 26

// Net describes a network f: R^d → R^d of linear layers. It has no weights of its own.
type Net struct {
	// D is the dimension d of input and output.
	D int
	// Layers is the number of linear layers; 0 stands for 1.
	Layers int
	// Width is the dimension h between layers; 0 stands for D.
	Width int
	// Bias gives each layer a bias.
	Bias bool
	// Tied makes the network UUᵀx with one d×h matrix U. Layers must then be 2 and
	// Bias false.
	Tied bool
	// Activation stands between layers; the zero value is none.
	Activation Activation
}

// OneLayer returns f(x) = Wx for dimension d.
func OneLayer(d int) Net { return Net{D: d, Layers: 1} }

// Symmetric returns f(x) = UUᵀx with U of d×h.
func Symmetric(d, h int) Net { return Net{D: d, Width: h, Layers: 2, Tied: true} }

// DeepLinear returns layers d→h→…→h→d without activation or bias.
func DeepLinear(d, h, layers int) Net { return Net{D: d, Width: h, Layers: layers} }

// MLP returns layers d→h→…→h→d with biases and ReLU between them.
func MLP(d, h, layers int) Net {
	return Net{D: d, Width: h, Layers: layers, Bias: true, Activation: ReLU}
}

// dims returns the dimension of the input and of each layer.
func (n Net) dims() []int {
	l, h := max(n.Layers, 1), n.Width
	if h == 0 {
		h = n.D
	}
	dims := []int{n.D}
	for range l - 1 {
		dims = append(dims, h)
	}
	return append(dims, n.D)
}

// Check returns an error that names the field, its value and the values accepted.
func (n Net) Check() error {
	switch {
	case n.D < 1 || n.D > 4096:
		return check.Bad("train: Net.D", n.D, "1 to 4096")
	case n.Layers < 0 || n.Layers > 1000:
		return check.Bad("train: Net.Layers", n.Layers, "1 to 1000, or 0 for 1")
	case n.Width < 0 || n.Width > 1<<16:
		return check.Bad("train: Net.Width", n.Width, "1 to 65536, or 0 for D")
	case n.Tied && n.Layers != 2:
		return check.Bad("train: Net.Layers", n.Layers, "2 for a tied network")
	case n.Tied && n.Bias:
		return check.Bad("train: Net.Bias", n.Bias, "false for a tied network")
	case (n.Activation.F == nil) != (n.Activation.Slope == nil):
		return check.Bad("train: Net.Activation", "half a pair", "both F and Slope, or neither")
	}
	dims := n.dims()
	total := 0.0
	for l := range len(dims) - 1 {
		total += float64(dims[l]+1) * float64(dims[l+1])
	}
	if total > maxParams {
		return check.Bad("train: the number of parameters of Net", total, fmt.Sprintf("at most %d; a smaller Width or fewer Layers", maxParams))
	}
	return nil
}

// config is the network as package layers wants it.
func (n Net) config() layers.Config {
	c := layers.Config{Dims: n.dims(), Bias: n.Bias, Tied: n.Tied}
	switch {
	case n.Activation.relu:
		c.Act = layers.ReLU
	case n.Activation.F != nil:
		c.Act, c.F, c.Slope = layers.Custom, n.Activation.F, n.Activation.Slope
	}
	return c
}

// shapes returns rows and columns of each weight matrix.
func (n Net) shapes() [][2]int {
	dims := n.dims()
	if n.Tied {
		return [][2]int{{dims[0], dims[1]}}
	}
	var s [][2]int
	for l := range len(dims) - 1 {
		s = append(s, [2]int{dims[l+1], dims[l]})
	}
	return s
}

// Init draws the weights PyTorch gives the layers of such a network right after
// torch.manual_seed(seed): nn.Linear by nn.Linear, weight before bias, uniform in ±1/√fan_in and
// rounded to float32. U of a tied network is drawn like a weight of fan-in h.
func (n Net) Init(seed uint64) (*Weights, error) {
	return n.InitFrom(torch.NewGenerator(seed))
}

// InitFrom is [Net.Init] with the numbers that g gives next.
func (n Net) InitFrom(g *torch.Generator) (*Weights, error) {
	if err := n.Check(); err != nil {
		return nil, err
	}
	if g == nil {
		return nil, check.Bad("train: the generator", "nil", "one from torch.NewGenerator")
	}
	w := &Weights{}
	for _, shape := range n.shapes() {
		layer, err := g.Linear(shape[1], shape[0], n.Bias)
		if err != nil {
			return nil, fmt.Errorf("train: %w", err)
		}
		w.W = append(w.W, layer.W)
		if n.Bias {
			w.B = append(w.B, layer.B)
		}
	}
	return w, nil
}

// String describes the network in one line.
func (n Net) String() string {
	dims := n.dims()
	s := fmt.Sprintf("%d", dims[0])
	for _, d := range dims[1:] {
		s += fmt.Sprintf("→%d", d)
	}
	switch {
	case n.Tied:
		return fmt.Sprintf("UUᵀx with U of %d×%d", dims[0], dims[1])
	case n.Activation.Name != "":
		s += ", " + n.Activation.Name
	case n.Activation.F != nil:
		s += ", custom activation"
	default:
		s += ", linear"
	}
	if n.Bias {
		s += ", biases"
	}
	return s
}
