package diffusion

import (
	"swingby/simlib/internal/kernel"
	"swingby/simlib/internal/nn"
)

// newNet makes the network that n describes, for conditions of a length.
func newNet[T kernel.Float](n Net, cond int) (nn.Net[T], error) {
	if err := n.check(); err != nil {
		return nil, err
	}
	n = n.filled()
	if n.Kind == "mlp" {
		return nn.NewMLPDenoiser[T](nn.MLPConfig{Dim: n.Size, Cond: cond, Hidden: n.Widths[0], Layers: len(n.Widths), Time: n.Time, TimeScale: n.TimeScale})
	}
	return nn.NewUNet[T](nn.UNetConfig{Height: n.Size, Width: n.Size, In: n.Channels, Levels: n.Widths, Blocks: n.Blocks, Groups: n.Groups,
		Cond: cond, Time: n.Time, TimeScale: n.TimeScale, Dropout: n.Dropout, Heads: n.Heads})
}

// newClassifier makes a network with two logits for square colour images.
func newClassifier(size int, widths []int) (nn.Net[float32], error) {
	return nn.NewClassifier[float32](nn.ClassifierConfig{Trunk: nn.UNetConfig{Height: size, Width: size, Levels: widths, Blocks: 1}, Classes: 2})
}
