package diffusion

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
)

//go:embed results/laptop/*.json
var stored embed.FS

// Stored returns the courses of the sweep of [Laptop] that is kept with this package, those of a colour signal in the order of
// their seeds: what sweep computed in hours. The error is for a signal that the sweep does not have.
func Stored(signal float64) ([]*Course, error) {
	var courses []*Course
	for seed := 1; ; seed++ {
		name := path.Join("results/laptop", fmt.Sprintf("%g-%d.json", signal, seed))
		data, err := stored.ReadFile(name)
		if err != nil {
			break
		}
		c := new(Course)
		if err := json.Unmarshal(data, c); err != nil {
			return nil, fmt.Errorf("diffusion: %s: %w", name, err)
		}
		if err := c.check(name); err != nil {
			return nil, err
		}
		courses = append(courses, c)
	}
	if len(courses) == 0 {
		return nil, fmt.Errorf("diffusion: no course is stored for the signal %g; want one of Laptop().Signals: %v", signal, Laptop().Signals)
	}
	return courses, nil
}
