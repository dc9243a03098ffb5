package nn

import (
	"strings"
	"testing"

	"swingby/simlib/internal/kernel"
)

func mlpOf[T kernel.Float](t *testing.T, c MLPConfig) Net[T] {
	t.Helper()
	net, err := NewMLPDenoiser[T](c)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

func TestMLPDenoiser(t *testing.T) {
	for _, c := range []MLPConfig{
		{Dim: 2, Cond: 3, Hidden: 24, Layers: 3, Time: 8},
		{Dim: 5, Hidden: 16, Layers: 1, Time: 2, TimeScale: 10},
	} {
		checkLayout(t, mlpOf[float64](t, c))
		checkGradients(t, mlpOf[float64](t, c), 3, false)
		checkSteady(t, mlpOf[float32](t, c), 7)
		checkPrecisions(t, mlpOf[float32](t, c), mlpOf[float64](t, c), 4)
	}
}

func TestMLPConfigErrors(t *testing.T) {
	for _, c := range []struct {
		c    MLPConfig
		want string
	}{
		{MLPConfig{}, "nn: MLPConfig.Dim is 0; want an integer from 1 to 65536"},
		{MLPConfig{Dim: 2, Cond: -1}, "nn: MLPConfig.Cond is -1"},
		{MLPConfig{Dim: 2, Hidden: -5}, "nn: MLPConfig.Hidden is -5"},
		{MLPConfig{Dim: 2, Layers: -5}, "nn: MLPConfig.Layers is -5"},
		{MLPConfig{Dim: 2, Time: 3}, "nn: MLPConfig.Time is 3; want an even number"},
		{MLPConfig{Dim: 2, TimeScale: -1}, "nn: MLPConfig.TimeScale is -1"},
	} {
		_, err := NewMLPDenoiser[float64](c.c)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%+v: %v; want %s", c.c, err, c.want)
		}
	}
}
