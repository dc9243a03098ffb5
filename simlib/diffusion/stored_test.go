package diffusion_test

import (
	"strings"
	"testing"

	"swingby/simlib/diffusion"
)

func TestStored(t *testing.T) {
	for _, signal := range diffusion.Laptop().Signals {
		courses, err := diffusion.Stored(signal)
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range courses {
			if c.Signal != signal || c.Seed != uint64(i+1) {
				t.Errorf("course %d of %g is of signal %g and seed %d", i, signal, c.Signal, c.Seed)
			}
		}
		if _, err := diffusion.Summarise(.68, courses...); err != nil {
			t.Error(err)
		}
	}
	if _, err := diffusion.Stored(.5); err == nil || !strings.Contains(err.Error(), "0.137") {
		t.Errorf("error %v; want one that lists the signals there are", err)
	}
}
