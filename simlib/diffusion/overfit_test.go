package diffusion_test

import (
	"context"
	"math"
	"testing"

	"swingby/simlib/diffusion"
)

// A network that has eight images alone to learn learns them by heart: asked for one, it draws it.
func TestOverfitEightImages(t *testing.T) {
	d := diffusion.Discs{Size: 8, Signal: .7, Blur: .5, PerClass: 2, Seed: 4, HeldOut: []diffusion.Class{}}
	images, err := d.Draw()
	if err != nil {
		t.Fatal(err)
	}
	if images.Len() != 8 {
		t.Fatalf("%d images, want 8", images.Len())
	}
	// Which of them is told by a number that is not zero.
	for i := range images.Conditions {
		images.Conditions[i].Vector = make([]float64, 8)
		images.Conditions[i].Vector[i] = 4
	}
	run, err := diffusion.Training{
		Model: diffusion.Model{Net: diffusion.UNet(8, 16, 32), Conditioning: diffusion.Vectors(8), Schedule: diffusion.Schedule{Kind: "linear"}},
		Data:  images.Data(), Batch: 16, Steps: 1000, LR: 4e-3, Decay: .5, EMA: .98, Seed: 1,
	}.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	first, last := run.Loss[0].Diffusion, 0.0
	for _, l := range run.Loss[900:] {
		last += l.Diffusion / 100
	}
	t.Logf("diffusion loss from %.3f to %.3f bits per dimension", first, last)
	s, err := run.Generator.Sample(context.Background(), diffusion.Sampling{
		Conditions: images.Conditions, Method: diffusion.Deterministic, Steps: 40, High: 1, Seed: 2,
	})
	if err != nil {
		t.Fatal(err)
	}
	per := len(images.X) / 8
	for i := range 8 {
		sum := 0.0
		for k := range per {
			e := float64(s.X[i*per+k] - images.X[i*per+k])
			sum += e * e
		}
		rms := math.Sqrt(sum / float64(per))
		t.Logf("asked for image %d: off by %.4f", i, rms)
		if !(rms < .1) {
			t.Errorf("asked for image %d, the model draws one that is off by %.3f, want less than .1", i, rms)
		}
	}
}
