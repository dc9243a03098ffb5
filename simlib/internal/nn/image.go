package nn

import (
	"swingby/simlib/internal/kernel"
)

// An image is the images of a lane's samples in one buffer, or some of the channels of one. Pixel (y, x) of sample s lies
// at position (s(h+1) + y + 1)(w+1) + x + 1: behind the last pixel of each row lies one
// position that is the border of that row's right and of the next row's left, and a row of the
// border is the lower of one sample and the upper of the next.
//
// What is the input of a convolution, or the gradient by its output, has zeros in the border; elsewhere
// the border holds what came out of a product there, and nobody looks at it.
type image[T kernel.Float] struct {
	h, w int
	ch   channels
	ld   int // numbers from a position to the next, at least ch.ld
	x    []T
}

// positions is the number of positions of n samples.
func positions(n, h, w int) int { return (n*(h+1)+1)*(w+1) + 1 }

func newImage[T kernel.Float](n, h, w int, ch channels) image[T] {
	return image[T]{h, w, ch, ch.ld, make([]T, positions(n, h, w)*ch.ld)}
}

// part returns the channels ch that begin at index at of im's.
func (im image[T]) part(at int, ch channels) image[T] {
	return image[T]{im.h, im.w, ch, im.ld, im.x[at:]}
}

// start is the index of sample s's first pixel.
func (im *image[T]) start(s int) int { return ((s*(im.h+1)+1)*(im.w+1) + 1) * im.ld }

// stride is the distance between two samples' pixels.
func (im *image[T]) stride() int { return (im.h + 1) * (im.w + 1) * im.ld }

// run is the number of positions from a sample's first pixel to its last.
func (im *image[T]) run() int { return im.h*(im.w+1) - 1 }

// pixels returns sample s from its first pixel on.
func (im *image[T]) pixels(s int) view[T] { return view[T]{im.x[im.start(s):], im.ld, 0} }

// windows returns sample s as the rows of the product that is a 3×3 convolution.
func (im *image[T]) windows(s int) view[T] {
	return view[T]{im.x[im.start(s)-(im.w+2)*im.ld:], im.ld, (im.w + 1) * im.ld}
}

// grid returns sample s as the kernels for channels take it.
func (im *image[T]) grid(s int) kernel.Grid[T] {
	return kernel.Grid[T]{X: im.x[im.start(s):], LD: im.ld, Row: (im.w + 1) * im.ld}
}

// load copies n samples stored pixel by pixel.
func (im *image[T]) load(n int, src []T) {
	c := im.ch.n()
	for s := range n {
		at := im.start(s)
		for range im.h {
			for range im.w {
				copy(im.x[at:at+c], src)
				src = src[c:]
				at += im.ld
			}
			at += im.ld
		}
	}
}

// as returns the same buffer for other channels.
func (im image[T]) as(ch channels) image[T] {
	im.ch, im.ld = ch, ch.ld
	return im
}

// copyFrom copies n samples' channels from another image.
func (im *image[T]) copyFrom(n int, src *image[T]) {
	for s := range n {
		for i := range im.run() {
			copy(im.x[im.start(s)+i*im.ld:][:im.ch.ld], src.x[src.start(s)+i*src.ld:])
		}
	}
}

// sum sets sum to the sum of each channel over n samples.
func (im *image[T]) sum(n int, sum, scratch []T) {
	clear(sum)
	one := scratch[:len(sum)]
	for s := range n {
		kernel.Sum(one, im.h, im.w, im.grid(s))
		kernel.AddScaled(sum, 1, one)
	}
}

// gather writes the 2×2 patches of sample s, four pixels one after the other in each position of a picture of half the size.
func (im *image[T]) gather(s int, half *image[T]) {
	im.patches(s, half, func(big, small []T) { copy(small, big) })
}

// scatter writes the patches of half to their pixels.
func (im *image[T]) scatter(s int, half *image[T]) {
	im.patches(s, half, func(big, small []T) { copy(big, small) })
}

// scatterAdd adds the patches of half to their pixels.
func (im *image[T]) scatterAdd(s int, half *image[T]) {
	im.patches(s, half, func(big, small []T) { kernel.AddScaled(big, 1, small) })
}

func (im *image[T]) patches(s int, half *image[T], each func(big, small []T)) {
	c := im.ch.ld
	for y := range im.h {
		big := im.start(s) + y*(im.w+1)*im.ld
		small := half.start(s) + y/2*(half.w+1)*half.ld + y%2*2*c
		for range half.w {
			each(im.x[big:][:c], half.x[small:][:c])
			each(im.x[big+im.ld:][:c], half.x[small+c:][:c])
			big += 2 * im.ld
			small += half.ld
		}
	}
}

// flatten copies the pixels of a sample to rows.
func (im *image[T]) flatten(s int, rows view[T]) {
	c := im.ch.ld
	for y := range im.h {
		for x := range im.w {
			copy(rows.x[(y*im.w+x)*rows.ld:][:c], im.x[im.start(s)+(y*(im.w+1)+x)*im.ld:])
		}
	}
}

// unflatten copies rows to the pixels of a sample.
func (im *image[T]) unflatten(s int, rows view[T]) {
	c := im.ch.ld
	for y := range im.h {
		for x := range im.w {
			copy(im.x[im.start(s)+(y*(im.w+1)+x)*im.ld:][:c], rows.x[(y*im.w+x)*rows.ld:])
		}
	}
}

// store writes the pixels of n samples, plus src unless it is nil, laid out as dst.
func (im *image[T]) store(n int, dst, src []T) {
	c := im.ch.n()
	for s := range n {
		at := im.start(s)
		for range im.h {
			for range im.w {
				copy(dst, im.x[at:at+c])
				if src != nil {
					kernel.AddScaled(dst[:c], 1, src)
					src = src[c:]
				}
				dst = dst[c:]
				at += im.ld
			}
			at += im.ld
		}
	}
}
