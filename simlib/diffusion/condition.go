package diffusion

import (
	"fmt"
	"strings"

	"swingby/simlib/internal/check"
)

// A Condition is what a sample shows, or is asked to show. A model reads the vector or the prompt,
// as its [Conditioning] says, and ignores the other. The zero value says nothing: the model then
// draws from all it has seen.
type Condition struct {
	// Vector is the concept vector.
	Vector []float64
	// Prompt is the description in words.
	Prompt string
}

// Prompt returns the condition of a description in words.
func Prompt(text string) Condition { return Condition{Prompt: text} }

// Conditioning says how a model is told what to show; [NoCondition], [Vectors] and [Text] make one. All end
// in a vector that is added in every block of the network.
type Conditioning struct {
	// Kind is "" for none, "vector" or "text".
	Kind string
	// Len is the length of the vector, or of a word's embedding.
	Len int
	// Words is the vocabulary.
	Words []string
	// Gain multiplies vectors before the network sees them, where they are small beside what else it sees; 0 stands for 1.
	Gain float64
}

// NoCondition is a model that is told nothing.
func NoCondition() Conditioning { return Conditioning{} }

// Vectors has conditions of n numbers each, as the paper does: colour and size. The network sees them as they are.
func Vectors(n int) Conditioning { return Conditioning{Kind: "vector", Len: n} }

// Text has prompts. Each word of the vocabulary, without one that of the discs, has an embedding
// of n numbers, learned together with the network, and a prompt is the sum of its words' embeddings, whatever their order.
func Text(n int, vocabulary ...string) Conditioning {
	if len(vocabulary) == 0 {
		vocabulary = words[:]
	}
	return Conditioning{Kind: "text", Len: n, Words: append([]string(nil), vocabulary...)}
}

const maxCondition = 4096

func (c Conditioning) check(field string) error {
	switch c.Kind {
	case "":
		if c.Len != 0 || len(c.Words) != 0 {
			return check.Bad(field+".Len", c.Len, "0 without a kind; NoCondition, Vectors and Text make a Conditioning")
		}
		return nil
	case "vector", "text":
	default:
		return check.Bad(field+".Kind", fmt.Sprintf("%q", c.Kind), `"", "vector" or "text"`)
	}
	if !(c.Gain >= 0 && c.Gain <= 1e6) || c.Gain > 0 && c.Kind != "vector" {
		return check.Bad(field+".Gain", c.Gain, "above 0, or 0 for 1, and for vectors alone")
	}
	if c.Len < 1 || c.Len > maxCondition {
		return check.Bad(field+".Len", c.Len, fmt.Sprintf("1 to %d", maxCondition))
	}
	if c.Kind == "vector" {
		return nil
	}
	if len(c.Words) == 0 || len(c.Words) > maxCondition {
		return check.Bad("diffusion: len("+strings.TrimPrefix(field, "diffusion: ")+".Words)", len(c.Words), fmt.Sprintf("1 to %d", maxCondition))
	}
	seen := map[string]bool{}
	for i, w := range c.Words {
		if w == "" || w != strings.ToLower(w) || len(strings.Fields(w)) != 1 || seen[w] {
			return check.Bad(fmt.Sprintf("%s.Words[%d]", field, i), fmt.Sprintf("%q", w), "a word in lower case, without spaces, once")
		}
		seen[w] = true
	}
	return nil
}

// tokens is the number of rows of embeddings: one for each word, and one for no condition.
func (c Conditioning) tokens() int {
	if c.Kind == "" {
		return 0
	}
	return len(c.Words) + 1
}

// read turns conditions into what is computed with: vectors, or lists of words.
func (c Conditioning) read(list []Condition) (*conditions, error) {
	r := &conditions{kind: c.Kind, n: len(list), len: c.Len}
	r.none = make([]bool, len(list))
	if c.Kind == "vector" {
		r.vectors = make([]float64, len(list)*c.Len)
	}
	index := map[string]int{}
	for i, w := range c.Words {
		index[w] = i
	}
	for i, cond := range list {
		switch c.Kind {
		case "vector":
			if cond.Vector == nil {
				r.none[i] = true
				break
			}
			if len(cond.Vector) != c.Len {
				return nil, fmt.Errorf("diffusion: the vector of condition %d has %d numbers; want %d, as the model's Conditioning says", i, len(cond.Vector), c.Len)
			}
			if err := check.Finite(fmt.Sprintf("diffusion: Conditions[%d].Vector", i), cond.Vector); err != nil {
				return nil, err
			}
			gain := c.Gain
			if gain == 0 {
				gain = 1
			}
			for k, v := range cond.Vector {
				r.vectors[i*c.Len+k] = gain * v
			}
		case "text":
			r.start = append(r.start, len(r.words))
			for _, w := range strings.Fields(strings.ToLower(cond.Prompt)) {
				k, ok := index[w]
				if !ok {
					return nil, unknownWord(cond.Prompt, w, c.Words)
				}
				r.words = append(r.words, k)
			}
			r.none[i] = len(r.words) == r.start[i]
		}
	}
	r.start = append(r.start, len(r.words))
	return r, nil
}

// conditions are conditions that were checked.
type conditions struct {
	kind    string
	n, len  int
	none    []bool
	vectors []float64
	words   []int
	start   []int // of each prompt's words; one more than prompts
}
