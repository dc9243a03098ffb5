package behaviour

import (
	"cmp"
	"math"
	"testing"

	plain "plain/cmp"
)

func TestCmp(t *testing.T) {
	values := []float64{math.NaN(), math.Inf(-1), -1, math.Copysign(0, -1), 0, 1, math.Inf(1)}
	for _, a := range values {
		for _, b := range values {
			same(t, "Compare", plain.Compare(a, b), cmp.Compare(a, b))
			same(t, "Less", plain.Less(a, b), cmp.Less(a, b))
			same(t, "Compare", plain.Compare(celsius(a), celsius(b)), cmp.Compare(celsius(a), celsius(b)))
			same(t, "Compare", plain.Compare(float32(a), float32(b)), cmp.Compare(float32(a), float32(b)))
			same(t, "Or", plain.Or(a, b), cmp.Or(a, b))
		}
	}
	for _, a := range []word{"", "a", "b"} {
		for _, b := range []word{"", "a", "b"} {
			same(t, "Compare", plain.Compare(a, b), cmp.Compare(a, b))
			same(t, "Less", plain.Less(a, b), cmp.Less(a, b))
			same(t, "Or", plain.Or(a, b), cmp.Or(a, b))
		}
	}
	same(t, "Or()", plain.Or[point](), point{})
	same(t, "Or", plain.Or(point{}, point{1, ""}, point{2, ""}), point{1, ""})
}
