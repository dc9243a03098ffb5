package provenance_test

import (
	"fmt"

	"swingby/simlib/provenance"
)

func ExampleRun() {
	stored := provenance.Run{
		Program: provenance.Program{Version: "v1.0.0", Go: "go1.26.0"},
		Machine: provenance.Machine{OS: "linux", Arch: "amd64", Cores: 2},
		Started: "2026-01-01T00:00:00Z", Seconds: 12,
	}
	again := stored
	again.Started, again.Seconds = "2026-02-01T00:00:00Z", 9
	fmt.Println(stored.SameBut(again))
	// Output: true
}

func ExampleDifference() {
	stored := provenance.Run{Program: provenance.Program{Version: "v1.0.0", Go: "go1.26.0"}}
	now := stored
	now.Program.Go = "go1.27.0"
	for _, d := range stored.Compare(now) {
		fmt.Println(d.What, d.Was, d.Now)
	}
	// Output: Go go1.26.0 go1.27.0
}
