package figure

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
)

// linearTicks marks an axis at about N multiples of 1, 2, 2.5 or 5 times a power of ten.
type linearTicks struct{ N int }

// Ticks returns the marks between lo and hi.
func (t linearTicks) Ticks(lo, hi float64) []plot.Tick {
	if !(hi > lo) || math.IsInf(hi-lo, 0) {
		return nil
	}
	return stepTicks(niceStep((hi-lo)/float64(max(t.N, 2)))).Ticks(lo, hi)
}

// stepTicks marks an axis at the multiples of a nice step.
type stepTicks float64

// Ticks returns the marks between lo and hi.
func (t stepTicks) Ticks(lo, hi float64) []plot.Tick {
	step := float64(t)
	decimals := 0
	for s := step; decimals < 12 && math.Abs(s-math.Round(s)) > 1e-6*s; s *= 10 {
		decimals++
	}
	var ticks []plot.Tick
	for k := math.Ceil(lo/step - 1e-9); k*step <= hi+1e-9*step && len(ticks) < 50; k++ {
		v := k * step
		if k == 0 {
			v = 0 // not −0
		}
		ticks = append(ticks, plot.Tick{Value: v, Label: tickLabel(v, decimals, math.Max(math.Abs(lo), math.Abs(hi)))})
	}
	return ticks
}

func tickLabel(v float64, decimals int, largest float64) string {
	if v == 0 {
		return "0"
	}
	if largest >= 1e6 || largest < 1e-3 {
		exp := math.Floor(math.Log10(math.Abs(v)) + 1e-9)
		m := strconv.FormatFloat(v/math.Pow(10, exp), 'g', 4, 64)
		return strings.Replace(m, "-", "−", 1) + "·10" + superscript(int(exp))
	}
	return strings.Replace(strconv.FormatFloat(v, 'f', decimals, 64), "-", "−", 1)
}

// niceStep returns the least of 1, 2, 2.5, 5 times a power of ten that is not below x > 0.
func niceStep(x float64) float64 {
	p := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range []float64{1, 2, 2.5, 5} {
		if m*p >= x*(1-1e-9) {
			return m * p
		}
	}
	return 10 * p
}

// logTicks marks powers of ten, every one or every so many of them, and where there are few
// decades the numbers between without a label.
type logTicks struct{}

// Ticks returns the marks between lo and hi, both > 0.
func (logTicks) Ticks(lo, hi float64) []plot.Tick {
	if !(lo > 0) || !(hi > lo) {
		return nil
	}
	first, last := int(math.Floor(math.Log10(lo))), int(math.Ceil(math.Log10(hi)))
	every := 1
	for (last-first)/every > 6 {
		every++
	}
	var ticks []plot.Tick
	for e := first; e <= last; e++ {
		p := math.Pow(10, float64(e))
		if p >= lo && p <= hi {
			t := plot.Tick{Value: p}
			if e%every == 0 {
				t.Label = "10" + superscript(e)
			}
			ticks = append(ticks, t)
		}
		for m := 2.; m < 10 && last-first <= 5; m++ {
			if v := m * p; v >= lo && v <= hi {
				ticks = append(ticks, plot.Tick{Value: v})
			}
		}
	}
	return ticks
}

func superscript(n int) string {
	r := strings.NewReplacer("-", "⁻", "0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴",
		"5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹")
	return r.Replace(fmt.Sprint(n))
}

// logScale is plot.LogScale that answers instead of panicking where there is no logarithm.
type logScale struct{}

// Normalize maps lo to 0 and hi to 1.
func (logScale) Normalize(lo, hi, x float64) float64 {
	if !(lo > 0) || !(hi > lo) || !(x > 0) {
		return -1
	}
	return math.Log(x/lo) / math.Log(hi/lo)
}
