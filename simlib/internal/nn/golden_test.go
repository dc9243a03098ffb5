package nn

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"swingby/simlib/internal/kernel"
)

// near fails unless got and want agree to tol, relatively where they are large.
func near[T kernel.Float](t *testing.T, what string, got []T, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s has %d numbers, want %d", what, len(got), len(want))
	}
	for i, v := range want {
		if !(math.Abs(float64(got[i])-v) <= tol*(1+math.Abs(v))) {
			t.Fatalf("%s[%d] is %v, want %v", what, i, got[i], v)
		}
	}
}

// tolerance of golden numbers.
func tolerance[T kernel.Float]() float64 {
	if kernel.Tile[T]() == 16 {
		return 1e-5
	}
	return 1e-10
}

func read(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

func convert[T kernel.Float](x []float64) []T {
	r := make([]T, len(x))
	for i, v := range x {
		r[i] = T(v)
	}
	return r
}

func goldenAdamW[T kernel.Float](t *testing.T) {
	var g struct {
		LR                float64 `json:"lr"`
		WeightDecay       float64 `json:"weight_decay"`
		Beta1, Beta2, Eps float64
		P0                []float64
		Grads             [][]float64
		P                 [][]float64
	}
	read(t, "adamw.json", &g)
	a := AdamW[T]{LR: g.LR, Beta1: g.Beta1, Beta2: g.Beta2, Eps: g.Eps, WeightDecay: g.WeightDecay}
	if b := NewAdamW[T](g.LR); b.Beta1 != a.Beta1 || b.Beta2 != a.Beta2 || b.Eps != a.Eps || b.WeightDecay != a.WeightDecay {
		t.Errorf("usual constants are %+v", b)
	}
	w := convert[T](g.P0)
	for i, grad := range g.Grads {
		a.Step(w, convert[T](grad))
		near(t, "weight", w, g.P[i], tolerance[T]())
	}
}

func TestGoldenAdamW(t *testing.T) {
	t.Run("float32", goldenAdamW[float32])
	t.Run("float64", goldenAdamW[float64])
}

// An operation of nn_ops.json: y = f(x) with parameters, and the gradients of Σ y·g.
type operation struct {
	Name       string
	X, Y, G    tensor
	GradX      tensor            `json:"grad_x"`
	Params     map[string]tensor `json:"params"`
	GradParams map[string]tensor `json:"grad_params"`
}

// A tensor is nested lists of numbers, in PyTorch's order of axes.
type tensor struct {
	shape []int
	x     []float64
}

func (a *tensor) UnmarshalJSON(b []byte) error {
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	var walk func(v any, depth int)
	walk = func(v any, depth int) {
		list, ok := v.([]any)
		if !ok {
			a.x = append(a.x, v.(float64))
			return
		}
		if depth == len(a.shape) {
			a.shape = append(a.shape, len(list))
		}
		for _, e := range list {
			walk(e, depth+1)
		}
	}
	walk(v, 0)
	return nil
}

// permuted returns the numbers with the axes in another order.
func (a tensor) permuted(axes ...int) []float64 {
	stride := make([]int, len(a.shape))
	n := 1
	for i := len(stride) - 1; i >= 0; i-- {
		stride[i] = n
		n *= a.shape[i]
	}
	r := make([]float64, 0, n)
	var walk func(d, at int)
	walk = func(d, at int) {
		if d == len(axes) {
			r = append(r, a.x[at])
			return
		}
		for i := range a.shape[axes[d]] {
			walk(d+1, at+i*stride[axes[d]])
		}
	}
	walk(0, 0)
	return r
}

// ours returns a tensor's numbers in this package's order: images by pixel, weights [height, width, in, out].
func (a tensor) ours(transposed, weight bool) []float64 {
	switch {
	case len(a.shape) == 4 && !weight:
		return a.permuted(0, 2, 3, 1)
	case len(a.shape) == 4 && transposed: // PyTorch has [in, out, height, width]
		return a.permuted(0, 2, 3, 1)
	case len(a.shape) == 4:
		return a.permuted(2, 3, 1, 0)
	case len(a.shape) == 2 && weight:
		return a.permuted(1, 0)
	}
	return a.x
}

// shaped makes an image of zeros for a batch of the tensor's shape; a matrix becomes images of one pixel.
func shaped[T kernel.Float](a tensor) image[T] {
	h, w := 1, 1
	if len(a.shape) == 4 {
		h, w = a.shape[2], a.shape[3]
	}
	return newImage[T](a.shape[0], h, w, padded[T](a.shape[1]))
}

func goldenOp[T kernel.Float](t *testing.T, op operation) {
	n := op.X.shape[0]
	x, y, dx, dy := shaped[T](op.X), shaped[T](op.Y), shaped[T](op.X), shaped[T](op.Y)
	x.load(n, convert[T](op.X.ours(false, false)))
	dy.load(n, convert[T](op.G.ours(false, false)))
	u := &trunkLane[T]{max: n, shared: map[string]image[T]{}}
	p := &u.pass
	p.n = n
	var l layout[T]
	forward, backward := func() {}, func() {}
	wantY := op.Y.ours(false, false)
	plain := func(m *matrix[T]) {
		forward = func() {
			for s := range n {
				m.forward(p.w, x.run(), x.pixels(s), y.pixels(s), false)
			}
		}
		backward = func() {
			m.gradient(n, x.run(), x.pixels(0), x.stride(), dy.pixels(0), dy.stride(), p.grad, p.scratch)
			for s := range n {
				m.backward(p.w, x.run(), dy.pixels(s), dx.pixels(s), false)
				m.biasGradient(dy.run(), dy.pixels(s), p.grad, p.scratch)
			}
		}
	}
	bind := func(s step[T]) {
		forward = func() { s.forward(p) }
		backward = func() { s.backward(p) }
	}
	switch op.Name {
	case "conv3x3_pad1":
		m := l.conv3("", x.h, x.w, x.ch, y.ch, false)
		u.reserve(m, x.w)
		forward = func() { p.conv(m, &x, &y, m.biasRow(p.w), 0, false) }
		backward = func() {
			p.convBack(m, &x, &dy, &dx)
			sum := make([]T, m.outN)
			dy.sum(n, sum, p.scratch)
			m.addBias(sum, p.grad)
		}
	case "conv1x1":
		plain(l.matrix("", 0, 1, 1, x.ch, y.ch, 1, 1, x.ch.n(), y.ch.n()))
	case "linear":
		plain(l.linear("", x.ch, y.ch))
	case "conv2x2_stride2":
		bind(u.bindResample(l.down("", x.ch, y.ch), x, y, dx, dy))
	case "conv_transpose2x2_stride2":
		bind(u.bindResample(l.up("", x.ch, y.ch), x, y, dx, dy))
	case "attention_4heads_residual":
		bind(u.bindAttention(l.attention("a", 4, x.ch), x, y, dx, dy))
	case "group_norm_4_eps1e-6":
		a := newNormAct(l.norm("", 4, x.ch), n, x, false)
		y = a.y
		forward = func() { a.forward(p) }
		backward = func() {
			// Without GELU, whose slope then is one.
			for i := range a.slope {
				a.slope[i] = 1
			}
			a.backward(p, &dy, &dx, false)
		}
		for i, v := range wantY {
			wantY[i] = v * .5 * math.Erfc(-v/math.Sqrt2)
		}
	case "gelu_erf":
		slope := make([]T, len(x.x))
		forward = func() { kernel.GELU(y.x, slope, x.x) }
		backward = func() {
			copy(dx.x, dy.x)
			kernel.MulBy(dx.x, slope)
		}
	case "softmax_last":
		c := x.ch.n()
		forward = func() {
			copy(y.x, x.x)
			for s := range n {
				softmax(y.pixels(s).x[:c], 1)
			}
		}
		backward = func() {
			copy(dx.x, dy.x)
			for s := range n {
				softmaxGrad(dx.pixels(s).x[:c], y.pixels(s).x[:c], 1)
			}
		}
	case "max_pool_global":
		rows := y.pixels(0)
		rows.ld = y.stride()
		where := make([]int, n*rows.ld)
		forward = func() { maxPool(n, &x, rows, where) }
		backward = func() {
			g := dy.pixels(0)
			g.ld = dy.stride()
			maxPoolGrad(n, &dx, g, where)
		}
	default:
		t.Fatal("an operation without a test")
	}
	p.w = l.NewWeights()
	if len(l.params) != len(op.Params) {
		t.Errorf("%d parameters, want %d", len(l.params), len(op.Params))
	}
	name := func(q Param) string { return strings.TrimPrefix(strings.TrimPrefix(q.Name, "a"), ".") }
	transposed := strings.Contains(op.Name, "transpose")
	for _, q := range l.params {
		copy(p.w.W[q.Offset:][:q.Len], convert[T](op.Params[name(q)].ours(transposed, true)))
	}
	p.w.Changed()
	p.grad, p.scratch = make([]T, l.n), make([]T, max(l.scratch, 2*x.ld, 2*y.ld))
	tol := tolerance[T]()
	forward()
	pixels := func(im image[T], want tensor) []T {
		r := make([]T, len(want.x))
		im.store(n, r, nil)
		return r
	}
	near(t, "y", pixels(y, op.Y), wantY, tol)
	backward()
	near(t, "dx", pixels(dx, op.GradX), op.GradX.ours(false, false), tol)
	for _, q := range l.params {
		near(t, q.Name, p.grad[q.Offset:][:q.Len], op.GradParams[name(q)].ours(transposed, true), tol)
	}
}

func goldenOps[T kernel.Float](t *testing.T) {
	var ops []operation
	read(t, "nn_ops.json", &ops)
	if len(ops) != 10 {
		t.Errorf("%d operations", len(ops))
	}
	for _, op := range ops {
		t.Run(op.Name, func(t *testing.T) { goldenOp[T](t, op) })
	}
}

func TestGoldenOps(t *testing.T) {
	t.Run("float32", goldenOps[float32])
	t.Run("float64", goldenOps[float64])
}
