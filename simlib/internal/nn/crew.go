package nn

import (
	"sync"

	"swingby/simlib/internal/kernel"
)

// A Crew is goroutines that share the pieces of one piece of work after the other. Results must not depend
// on who does which.
type Crew struct {
	jobs chan int
	each func(i int)
	wait sync.WaitGroup
}

// NewCrew starts a crew of n, of which the goroutine that calls Do is one. Close ends it.
func NewCrew(n int) *Crew {
	c := &Crew{jobs: make(chan int, 64)}
	for range n - 1 {
		go func() {
			for i := range c.jobs {
				c.each(i)
				c.wait.Done()
			}
		}()
	}
	return c
}

// Do calls each(0) … each(n−1) and returns when all have returned.
func (c *Crew) Do(n int, each func(i int)) {
	c.each = each
	c.wait.Add(n)
	for i := range n {
		for sent := false; !sent; {
			select {
			case c.jobs <- i:
				sent = true
			default:
				c.help()
			}
		}
	}
	for c.help() {
	}
	c.wait.Wait()
}

// help does one piece that waits, if there is one.
func (c *Crew) help() bool {
	select {
	case i := <-c.jobs:
		c.each(i)
		c.wait.Done()
		return true
	default:
		return false
	}
}

// Close ends the goroutines. A crew that is closed cannot work.
func (c *Crew) Close() { close(c.jobs) }

// An Update adds up the gradients of lanes and changes the weights, on a crew.
type Update[T kernel.Float] struct {
	Opt *AdamW[T]
	// W is what the optimiser changes: the weights of a network, perhaps with more behind them.
	W []T
	// Grads are the lanes' gradients, of W's length. The first becomes their sum.
	Grads [][]T
	// Weights, unless nil, are told of the change.
	Weights *Weights[T]

	add, pack func(i int)
}

// Do makes one update.
func (u *Update[T]) Do(c *Crew) {
	const part = 1 << 14
	if u.add == nil {
		u.add = func(i int) {
			lo, hi := i*part, min((i+1)*part, len(u.W))
			sum := u.Grads[0][lo:hi]
			for _, g := range u.Grads[1:] {
				kernel.AddScaled(sum, 1, g[lo:hi])
			}
			u.Opt.part(u.W, sum, lo, hi)
		}
		u.pack = func(i int) { u.Weights.layout.matrices[i].pack(u.Weights.W, u.Weights.panels) }
	}
	u.Opt.begin(len(u.W))
	c.Do((len(u.W)+part-1)/part, u.add)
	if u.Weights != nil {
		c.Do(len(u.Weights.layout.matrices), u.pack)
	}
}
