package diffusion

import (
	"fmt"
	"slices"
	"strings"

	"swingby/simlib/internal/check"
)

// A Class says what an image shows: one value of every concept. The zero value is the
// big red circle. Colour and size are the paper's two concepts; shape is a third.
type Class struct {
	// Blue is the colour: red where it is false.
	Blue bool
	// Small is the size: big where it is false.
	Small bool
	// Triangle is the shape: a circle where it is false.
	Triangle bool
}

// SmallBlue is the composition that the paper never trains on.
var SmallBlue = Class{Blue: true, Small: true}

// ParseClass reads a class from words in any order, such as "small blue circle". A concept that
// is not named has its first value: red, big, circle. A word that is unknown or contradicts
// another is an error.
func ParseClass(prompt string) (Class, error) {
	var c Class
	var seen [3]string
	for _, w := range strings.Fields(strings.ToLower(prompt)) {
		i := slices.Index(words[:], w)
		if i < 0 {
			return Class{}, unknownWord(prompt, w, words[:])
		}
		k := i / 2
		if seen[k] != "" && seen[k] != w {
			return Class{}, fmt.Errorf("diffusion: prompt %q says both %q and %q; want one %s", prompt, seen[k], w, concepts[k])
		}
		seen[k] = w
		c.set(k, i%2 == 1)
	}
	return c, nil
}

func unknownWord(prompt, word string, vocabulary []string) error {
	return fmt.Errorf("diffusion: the word %q of prompt %q is unknown; want words of %s", word, prompt, strings.Join(vocabulary, ", "))
}

// words lists the two values of each concept, and concepts their names.
var (
	words    = [...]string{"red", "blue", "big", "small", "circle", "triangle"}
	concepts = [...]string{"colour", "size", "shape"}
)

// bit returns whether concept k, 0 to 2, has its second value.
func (c Class) bit(k int) bool { return [...]bool{c.Blue, c.Small, c.Triangle}[k] }

func (c *Class) set(k int, v bool) { *[...]*bool{&c.Blue, &c.Small, &c.Triangle}[k] = v }

// Bits returns the class in concept space: for colour, size and shape, 0 or 1 each.
func (c Class) Bits() []float64 {
	x := make([]float64, len(concepts))
	for k := range x {
		if c.bit(k) {
			x[k] = 1
		}
	}
	return x
}

// Code returns colour and size as the paper writes them, "00" for big red to "11" for small blue,
// with a third digit for the triangle.
func (c Class) Code() string {
	s := ""
	for k, x := range c.Bits() {
		if k < 2 || x == 1 {
			s += fmt.Sprint(x)
		}
	}
	return s
}

// String returns the prompt that asks for the class: "small blue circle".
func (c Class) String() string {
	word := func(k int) string {
		if c.bit(k) {
			return words[2*k+1]
		}
		return words[2*k]
	}
	return word(1) + " " + word(0) + " " + word(2)
}

// Classes returns all classes of the first n concepts, 1 to 3 of colour, size and shape, in binary order with the first
// concept as the most significant digit.
func Classes(n int) ([]Class, error) {
	if n < 1 || n > len(concepts) {
		return nil, check.Bad("diffusion: the number of concepts", n, "1 to 3: colour, size, shape")
	}
	list := make([]Class, 1<<n)
	for i := range list {
		for k := range n {
			list[i].set(k, i>>(n-1-k)&1 == 1)
		}
	}
	return list, nil
}
