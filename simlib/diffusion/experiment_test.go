package diffusion_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"swingby/simlib/diffusion"
)

// tiny is an experiment of a moment with three concepts, told in words.
func tiny() diffusion.Experiment {
	e := diffusion.Laptop()
	e.Discs = diffusion.Discs{Size: 8, PerClass: 24, Shapes: true}
	e.Model = diffusion.Model{Net: diffusion.UNet(8, 8), Conditioning: diffusion.Text(4)}
	e.Batch, e.Steps, e.First, e.Evaluations, e.Lanes = 8, 12, 4, 3, 2
	e.Judge = diffusion.JudgeTraining{Widths: []int{8}, Steps: 4, Batch: 8, Test: 4}
	e.Sampling.N, e.Sampling.Steps, e.SeenN = 6, 2, 3
	return e
}

func TestExperiment(t *testing.T) {
	ctx, e := context.Background(), tiny()
	var courses []*diffusion.Course
	for _, workers := range []int{1, 3} {
		judge, err := e.TrainJudge(ctx, .6)
		if err != nil {
			t.Fatal(err)
		}
		if judge.Concepts() != 3 {
			t.Fatalf("the judge knows %d concepts, want 3", judge.Concepts())
		}
		steps := 0
		c, err := e.Run(ctx, .6, 2, judge, workers, func(p diffusion.Progress) { steps = p.Step })
		if err != nil {
			t.Fatal(err)
		}
		if steps != 12 {
			t.Errorf("progress ends at %d, want 12", steps)
		}
		courses = append(courses, c)
	}
	c := courses[0]
	if c.Asked != "small blue circle" || !reflect.DeepEqual(c.Target, []float64{1, 1, 0}) || len(c.Seen) != 6 || len(c.Step) != 3 {
		t.Errorf("asked for %s at %v beside %d classes, at %v", c.Asked, c.Target, len(c.Seen), c.Step)
	}
	// A file has all of it.
	path := filepath.Join(t.TempDir(), "course.json")
	for _, c := range courses {
		if err := c.Save(path); err != nil {
			t.Fatal(err)
		}
		got, err := diffusion.OpenCourse(path)
		if err != nil {
			t.Fatal(err)
		}
		a, err1 := diffusion.Summarise(.95, got)
		b, err2 := diffusion.Summarise(.95, courses[0])
		if err := errors.Join(err1, err2); err != nil || !reflect.DeepEqual(a, b) {
			t.Errorf("a saved course, or one of more goroutines, says %v (%v), want %v", a, err, b)
		}
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := e.TrainJudge(stopped, .6); !errors.Is(err, context.Canceled) {
		t.Errorf("a judge's training that was cancelled ends with %v", err)
	}
}

func TestCourseErrors(t *testing.T) {
	dir := t.TempDir()
	for text, want := range map[string]string{
		"no course": "is no course",
		"{}":        "has 0 steps",
		`{"target":[1,1],"step":[5],"point":[[1]],"standard_error":[[0]],"diffusion_loss":[1]}`: "has 1 coordinates; want 2",
	} {
		path := filepath.Join(dir, "course.json")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := diffusion.OpenCourse(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gives %v, want %s", text, err, want)
		}
	}
	a := &diffusion.Course{Signal: .1, Target: []float64{1}, Step: []int{1}, Point: [][]float64{{0}}, Error: [][]float64{{0}}, Loss: []float64{0}}
	b := *a
	b.Signal = .2
	if _, err := diffusion.Summarise(.95, a, &b); err == nil || err.Error() != "diffusion: the signal of course 1 is 0.2; want 0.1, that of course 0" {
		t.Errorf("courses of two signals give %v", err)
	}
	if _, err := diffusion.Summarise(.95); err == nil {
		t.Error("no courses have a summary")
	}
}
