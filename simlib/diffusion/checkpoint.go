package diffusion

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"reflect"

	"swingby/simlib/internal/durable"
	"swingby/simlib/internal/kernel"
)

// A file of a state or a generator is, in this order,
//
//	8 bytes    "swingby" and a zero
//	4 bytes    version of the format, 1
//	4 bytes    length of the header
//	header     JSON: what is in the file, the model, the settings of the training, the step
//	arrays     the numbers, float32 or float64, as many for each array as the header says
//	32 bytes   SHA-256 of all before
//
// with integers and numbers in little-endian order. The arrays of a state are parameters, moving average (if there is one), and AdamW's
// two running means; a generator's is its parameters alone.
const (
	fileMagic   = "swingby\x00"
	fileVersion = 1
)

type fileHeader struct {
	Kind     string // "state" or "generator"
	Model    Model
	Settings *settings `json:",omitempty"`
	Step     int
	Arrays   []string
	Numbers  int // of each array
}

// settings are those that a training must share with a state it goes on from.
type settings struct {
	Batch, Lanes         int
	LR, WeightDecay, EMA float64
	Antithetic           bool
	Weighting            string
	DropCondition        float64
	Decay                float64
	DecaySteps           int // of which Decay is a share
	Seed                 uint64
	Data                 string // SHA-256 of samples and conditions
}

func (t Training) settings() *settings {
	h := sha256.New()
	// A hash takes everything.
	_ = binary.Write(h, binary.LittleEndian, t.Data.X)
	if t.Model.Conditioning.Kind != "" {
		for _, c := range t.Data.Conditions {
			_ = binary.Write(h, binary.LittleEndian, c.Vector)
			fmt.Fprintf(h, "%q", c.Prompt)
		}
	}
	steps := 0
	if t.Decay > 0 {
		steps = t.Steps
	}
	return &settings{Decay: t.Decay, DecaySteps: steps, Batch: t.Batch, Lanes: t.Lanes, LR: t.LR, WeightDecay: t.WeightDecay, EMA: t.EMA,
		Antithetic: t.Antithetic, Weighting: t.Weighting, DropCondition: t.DropCondition, Seed: t.Seed, Data: hex.EncodeToString(h.Sum(nil))}
}

// writeFile writes header and arrays to a new file, which then takes the name.
func writeFile[T kernel.Float](path string, h fileHeader, arrays ...[]T) error {
	text, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("diffusion: %w", err)
	}
	return replaceFile(path, func(f io.Writer) error {
		sum := sha256.New()
		w := io.MultiWriter(f, sum)
		var err error
		write := func(v any) {
			if err == nil {
				err = binary.Write(w, binary.LittleEndian, v)
			}
		}
		write([]byte(fileMagic))
		write(uint32(fileVersion))
		write(uint32(len(text)))
		write(text)
		for _, a := range arrays {
			write(a)
		}
		if err == nil {
			_, err = f.Write(sum.Sum(nil))
		}
		return err
	})
}

// replaceFile writes a file whole or not at all.
func replaceFile(path string, write func(io.Writer) error) error {
	if err := durable.Write(path, write); err != nil {
		return fmt.Errorf("diffusion: cannot save: %w", err)
	}
	return nil
}

// parseFile takes apart what is in a file and checks that it is whole. The numbers are those of all arrays.
func parseFile(path string, b []byte) (h fileHeader, numbers []byte, err error) {
	bad := func(format string, args ...any) (fileHeader, []byte, error) {
		return fileHeader{}, nil, fmt.Errorf("diffusion: %s %s", path, fmt.Sprintf(format, args...))
	}
	const fixed = len(fileMagic) + 8
	if len(b) < len(fileMagic) || string(b[:len(fileMagic)]) != fileMagic {
		return bad("is no file of this package; want one that Save wrote")
	}
	if len(b) < fixed+sha256.Size {
		return bad("is cut off after %d bytes; want the whole file", len(b))
	}
	if v := binary.LittleEndian.Uint32(b[len(fileMagic):]); v != fileVersion {
		return bad("has version %d of the format; want %d", v, fileVersion)
	}
	n := int(binary.LittleEndian.Uint32(b[len(fileMagic)+4:]))
	body := b[:len(b)-sha256.Size]
	if n > len(body)-fixed {
		return bad("is cut off in its header; want the whole file")
	}
	if err := json.Unmarshal(b[fixed:fixed+n], &h); err != nil {
		return bad("is damaged: its header is no JSON")
	}
	numbers = body[fixed+n:]
	width := 4
	if h.Model.Float64 {
		width = 8
	}
	if h.Numbers < 0 || len(h.Arrays) > 16 || h.Numbers > math.MaxInt32*4 || h.Numbers*len(h.Arrays)*width != len(numbers) {
		return bad("is cut off or damaged: it has %d bytes of numbers; want %d arrays of %d numbers of %d bytes", len(numbers), len(h.Arrays), h.Numbers, width)
	}
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:], b[len(b)-sha256.Size:]) {
		return bad("is damaged: its checksum does not match; want the file as it was saved")
	}
	return h, numbers, nil
}

// array returns one of the arrays, and nil if there is none of that name.
func array[T kernel.Float](h fileHeader, numbers []byte, name string) []T {
	for i, a := range h.Arrays {
		if a == name {
			x := make([]T, h.Numbers)
			// The length was checked.
			_, _ = binary.Decode(numbers[len(numbers)/len(h.Arrays)*i:], binary.LittleEndian, x)
			return x
		}
	}
	return nil
}

func (s *trainer[T]) save(t Training, path string) error {
	h := fileHeader{Kind: "state", Model: s.a.m, Settings: t.settings(), Step: s.step, Arrays: []string{"parameters", "mean", "square"}, Numbers: s.a.size}
	arrays := [][]T{s.w, s.opt.M, s.opt.V}
	if s.ema != nil {
		h.Arrays, arrays = append(h.Arrays, "average"), append(arrays, s.ema)
	}
	return writeFile(path, h, arrays...)
}

func (s *trainer[T]) load(t Training, path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("diffusion: %w", err)
	}
	return s.take(t, path, b)
}

// take is load of what is in the file.
func (s *trainer[T]) take(t Training, path string, b []byte) error {
	h, numbers, err := parseFile(path, b)
	if err != nil {
		return err
	}
	if h.Kind != "state" || h.Settings == nil {
		return fmt.Errorf("diffusion: %s holds a %s; want the state of a training", path, h.Kind)
	}
	if err := sameAs(path, "Model", h.Model, s.a.m); err != nil {
		return err
	}
	if err := sameAs(path, "Training", *h.Settings, *t.settings()); err != nil {
		return err
	}
	w, m, v, ema := array[T](h, numbers, "parameters"), array[T](h, numbers, "mean"), array[T](h, numbers, "square"), array[T](h, numbers, "average")
	if h.Numbers != s.a.size || w == nil || m == nil || v == nil || (ema == nil) != (s.ema == nil) {
		return fmt.Errorf("diffusion: %s has %d parameters in arrays %q; want %d", path, h.Numbers, h.Arrays, s.a.size)
	}
	copy(s.w, w)
	copy(s.ema, ema)
	copy(s.opt.M, m)
	copy(s.opt.V, v)
	s.opt.Steps, s.step = h.Step, h.Step
	s.weights.Changed()
	return nil
}

// sameAs returns an error that names the first field in which what is saved differs from what is wanted.
func sameAs(path, what string, saved, wanted any) error {
	a, b := reflect.ValueOf(saved), reflect.ValueOf(wanted)
	for i := range a.NumField() {
		x, y := a.Field(i).Interface(), b.Field(i).Interface()
		if reflect.DeepEqual(x, y) {
			continue
		}
		name := what + "." + a.Type().Field(i).Name
		if a.Field(i).Kind() == reflect.Struct {
			return sameAs(path, name, x, y)
		}
		if what == "Training" && name == "Training.Data" {
			return fmt.Errorf("diffusion: %s was saved with other data; want the same samples and conditions", path)
		}
		return fmt.Errorf("diffusion: %s was saved with %s %v, and the training has %v; want the same", path, name, x, y)
	}
	return nil
}

func (s *trainer[T]) generator(Training) *Generator {
	w := s.w
	if s.ema != nil {
		w = s.ema
	}
	return newGenerator(s.a, w, s.step, s.pool)
}

func (g *generator[T]) save(path string) error {
	return writeFile(path, fileHeader{Kind: "generator", Model: g.a.m, Step: g.step, Arrays: []string{"parameters"}, Numbers: g.a.size}, g.w)
}

// Open reads a generator from a file that [Generator.Save] or [State.Save] wrote, of a state that of the moving average.
func Open(path string) (*Generator, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("diffusion: %w", err)
	}
	return openBytes(path, b)
}

func openBytes(path string, b []byte) (*Generator, error) {
	h, numbers, err := parseFile(path, b)
	if err != nil {
		return nil, err
	}
	if h.Model.Float64 {
		return open[float64](path, h, numbers)
	}
	return open[float32](path, h, numbers)
}

func open[T kernel.Float](path string, h fileHeader, numbers []byte) (*Generator, error) {
	a, err := newArch[T](h.Model)
	if err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, path)
	}
	w := array[T](h, numbers, "average")
	if w == nil {
		w = array[T](h, numbers, "parameters")
	}
	if len(w) != a.size {
		return nil, fmt.Errorf("diffusion: %s has %d parameters; want %d, as its model has", path, len(w), a.size)
	}
	return newGenerator(a, w, h.Step, &pool[T]{}), nil
}
