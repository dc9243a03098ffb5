package nn

import (
	"strings"
	"testing"

	"swingby/simlib/internal/kernel"
)

func unetOf[T kernel.Float](t *testing.T, c UNetConfig) Net[T] {
	t.Helper()
	net, err := NewUNet[T](c)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

func classifierOf[T kernel.Float](t *testing.T, c ClassifierConfig) Net[T] {
	t.Helper()
	net, err := NewClassifier[T](c)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

// small has every kind of layer, and channels that need padding.
var small = UNetConfig{Height: 8, Width: 4, Levels: []int{8, 12, 20}, Groups: 4, Blocks: 2, Cond: 3, Time: 6, TimeScale: 10, Embed: 10, Dropout: .3, Heads: 4}

// even has none that need it, and heads whose channels are in another order but without padding.
var even = UNetConfig{Height: 4, Width: 6, In: 1, Levels: []int{16, 32}, Blocks: 1, Time: 8, TimeScale: 10, Heads: 2}

func TestUNet(t *testing.T) {
	for _, c := range []UNetConfig{small, even, {Height: 3, Width: 5, Levels: []int{8}, Blocks: 1, Cond: 1, TimeScale: 5}, {Height: 2, Width: 2, In: 17, Levels: []int{3, 5}, Groups: 1, Blocks: 1, Time: 2, TimeScale: 5, Embed: 1, Heads: 1}} {
		checkLayout(t, unetOf[float64](t, c))
		checkGradients(t, unetOf[float64](t, c), 2, true)
		checkSteady(t, unetOf[float32](t, c), 3)
		checkPrecisions(t, unetOf[float32](t, c), unetOf[float64](t, c), 3)
	}
}

func TestClassifier(t *testing.T) {
	c := ClassifierConfig{Trunk: small, Hidden: 6, Classes: 3}
	checkLayout(t, classifierOf[float64](t, c))
	checkGradients(t, classifierOf[float64](t, c), 2, true)
	checkSteady(t, classifierOf[float32](t, c), 3)
	checkPrecisions(t, classifierOf[float32](t, c), classifierOf[float64](t, c), 3)
}

func TestUNetConfigErrors(t *testing.T) {
	ok := UNetConfig{Height: 16, Width: 16, Levels: []int{16, 32}}
	with := func(f func(*UNetConfig)) UNetConfig { c := ok; f(&c); return c }
	for _, c := range []struct {
		c    UNetConfig
		want string
	}{
		{with(func(c *UNetConfig) { c.Levels = nil }), "nn: UNetConfig.Levels is []; want the channels of 1 to 8 levels"},
		{with(func(c *UNetConfig) { c.Levels = []int{16, 20} }), "nn: UNetConfig.Levels[1] is 20; want a number of channels from 1 to 4096 that is divisible by Groups, 8"},
		{with(func(c *UNetConfig) { c.Levels = []int{0, 16} }), "nn: UNetConfig.Levels[0] is 0"},
		{with(func(c *UNetConfig) { c.Height = 0 }), "nn: UNetConfig.Height is 0"},
		{with(func(c *UNetConfig) { c.Width = 15 }), "nn: UNetConfig.Width is 15; want a multiple of 2"},
		{with(func(c *UNetConfig) { c.Levels = []int{8, 8, 8, 8, 8, 8} }), "nn: UNetConfig.Height is 16; want a multiple of 32, for 6 levels halve the image 5 times"},
		{with(func(c *UNetConfig) { c.In = -1 }), "nn: UNetConfig.In is -1"},
		{with(func(c *UNetConfig) { c.Cond = -1 }), "nn: UNetConfig.Cond is -1"},
		{with(func(c *UNetConfig) { c.Blocks = -1 }), "nn: UNetConfig.Blocks is -1"},
		{with(func(c *UNetConfig) { c.Groups = -1 }), "nn: UNetConfig.Groups is -1"},
		{with(func(c *UNetConfig) { c.Embed = -1 }), "nn: UNetConfig.Embed is -1"},
		{with(func(c *UNetConfig) { c.Time = 5 }), "nn: UNetConfig.Time is 5; want an even number"},
		{with(func(c *UNetConfig) { c.Dropout = 1 }), "nn: UNetConfig.Dropout is 1; want a probability from 0 to 0.99"},
		{with(func(c *UNetConfig) { c.Heads = 5 }), "nn: UNetConfig.Heads is 5; want a divisor of the last level's channels, 32"},
	} {
		_, err := NewUNet[float64](c.c)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%+v: %v; want %s", c.c, err, c.want)
		}
	}
	for _, c := range []struct {
		c    ClassifierConfig
		want string
	}{
		{ClassifierConfig{Trunk: ok}, "nn: ClassifierConfig.Classes is 0"},
		{ClassifierConfig{Trunk: ok, Classes: 2, Hidden: -1}, "nn: ClassifierConfig.Hidden is -1"},
		{ClassifierConfig{Classes: 2}, "nn: ClassifierConfig.Trunk.Levels is []"},
	} {
		_, err := NewClassifier[float64](c.c)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%+v: %v; want %s", c.c, err, c.want)
		}
	}
}
