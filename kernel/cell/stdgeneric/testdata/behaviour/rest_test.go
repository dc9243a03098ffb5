package behaviour

import (
	"bytes"
	"crypto/hkdf"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha512"
	"database/sql"
	"errors"
	"fmt"
	"hash"
	"hash/maphash"
	"io/fs"
	"iter"
	"math"
	"os"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	plainhkdf "plain/crypto/hkdf"
	plainpbkdf2 "plain/crypto/pbkdf2"
	plainsql "plain/database/sql"
	plainerrors "plain/errors"
	plainmaphash "plain/hash/maphash"
	plainiter "plain/iter"
	plainrand "plain/math/rand/v2"
	plainreflect "plain/reflect"
	plainsync "plain/sync"
	plainatomic "plain/sync/atomic"
	plainunique "plain/unique"
)

// pulled drives next and stop as told and records what they do.
func pulled(next func() (int, bool), stop func(), script string) (log []any) {
	for _, c := range script {
		log = append(log, outcome(func() any {
			if c == 's' {
				stop()
				return "stopped"
			}
			v, ok := next()
			return []any{v, ok}
		}))
	}
	return log
}

func TestPull(t *testing.T) {
	var ended bool
	seqs := map[string]func(func(int) bool){
		"none": func(yield func(int) bool) {},
		"three": func(yield func(int) bool) {
			defer func() { ended = true }()
			_ = yield(1) && yield(2) && yield(3)
		},
		"panic":         func(yield func(int) bool) { yield(1); panic("boom") },
		"panic at once": func(yield func(int) bool) { panic("boom") },
		"panic at end": func(yield func(int) bool) {
			for yield(1) {
			}
			panic("late")
		},
	}
	for name, seq := range seqs {
		for _, script := range []string{"n", "nn", "nnnnnn", "s", "sn", "ssn", "nsn", "nns", "nnnnsn", "nsss"} {
			ended = false
			next, stop := iter.Pull(iter.Seq[int](seq))
			want := append(pulled(next, stop, script), ended)
			ended = false
			next, stop = plainiter.Pull(plainiter.Seq[int](seq))
			same(t, name+" "+script, append(pulled(next, stop, script), ended), want)

			pairs := func(yield func(int, int) bool) { seq(func(v int) bool { return yield(v, -v) }) }
			ended = false
			next2, stop2 := plainiter.Pull2(plainiter.Seq2[int, int](pairs))
			next = func() (int, bool) {
				k, v, ok := next2()
				same(t, "the pair", v, -k)
				return k, ok
			}
			same(t, name+" in pairs "+script, append(pulled(next, stop2, script), ended), want)
		}
	}

	// A sequence that ends its goroutine ends the caller's.
	done := make(chan bool)
	go func() {
		defer close(done)
		next, _ := plainiter.Pull(func(func(int) bool) { runtime.Goexit() })
		next()
		t.Error("next returned after Goexit")
	}()
	<-done

	before := runtime.NumGoroutine()
	for range 100 {
		next, stop := plainiter.Pull(plainiter.Seq[int](seqs["three"]))
		next()
		stop()
	}
	for i := 0; runtime.NumGoroutine() > before; i++ {
		if i == 1000 {
			t.Fatalf("%d goroutines were left by 100 that were stopped", runtime.NumGoroutine()-before)
		}
		time.Sleep(time.Millisecond)
	}
}

func TestOnce(t *testing.T) {
	calls := 0
	value := plainsync.OnceValue(func() point { calls++; return point{calls, "a"} })
	values := plainsync.OnceValues(func() (int, error) { calls++; return calls, fs.ErrExist })
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() { value() })
	}
	wg.Wait()
	same(t, "value", value(), point{1, "a"})
	for range 3 {
		n, err := values()
		same(t, "values", []any{n, err}, []any{2, fs.ErrExist})
	}
	failing := plainsync.OnceValue(func() int { calls++; panic("no") })
	failing2 := plainsync.OnceValues(func() (int, int) { calls++; panic("no") })
	for range 3 {
		same(t, "panic", outcome(func() any { return failing() }), []any{"panic", "no"})
		same(t, "panic", outcome(func() any { a, b := failing2(); return a + b }), []any{"panic", "no"})
	}
	same(t, "calls", calls, 4)
}

func TestAtomicPointer(t *testing.T) {
	var p plainatomic.Pointer[point]
	a, b := &point{1, "a"}, &point{1, "a"}
	same(t, "zero", p.Load() == nil, true)
	same(t, "swapped", p.CompareAndSwap(a, b), false)
	same(t, "swapped", p.CompareAndSwap(nil, a), true)
	same(t, "swapped", p.CompareAndSwap(nil, b), false)
	same(t, "swapped", p.CompareAndSwap(b, a), false)
	same(t, "loaded", p.Load() == a, true)
	same(t, "swapped", p.CompareAndSwap(a, nil), true)
	same(t, "loaded", p.Load() == nil, true)
	same(t, "swapped", p.CompareAndSwap(nil, b), true)
	same(t, "old", p.Swap(nil) == b, true)
	p.Store(a)
	same(t, "loaded", p.Load() == a, true)
	var q plainatomic.Pointer[int]
	same(t, "old", q.Swap(new(int)) == nil, true)

	var sum plainatomic.Pointer[int]
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 500 {
				for {
					old := sum.Load()
					n := 1
					if old != nil {
						n = *old + 1
					}
					if sum.CompareAndSwap(old, &n) {
						break
					}
				}
			}
		})
	}
	wg.Wait()
	same(t, "sum", *sum.Load(), 4000)
}

func TestRandN(t *testing.T) {
	seen := map[time.Duration]bool{}
	for range 1000 {
		seen[plainrand.N[time.Duration](10)] = true
	}
	for d := range seen {
		if d < 0 || d >= 10 {
			t.Errorf("N(10) = %d", d)
		}
	}
	same(t, "different numbers", len(seen), 10)
	same(t, "N(1)", plainrand.N(uint8(1)), uint8(0))
	same(t, "panic", outcome(func() any { return plainrand.N(0) }), []any{"panic", "invalid argument to N"})
	same(t, "panic", outcome(func() any { return plainrand.N(int8(-1)) }), []any{"panic", "invalid argument to N"})
}

type codeError int

func (codeError) Error() string { return "code" }

type asError struct{}

func (asError) Error() string { return "as" }

func (asError) As(target any) bool {
	p, ok := target.(*codeError)
	if ok {
		*p = 99
	}
	return ok
}

type wrapError struct{ error }

func (w *wrapError) Unwrap() error { return w.error }

type timeouter interface {
	error
	Timeout() bool
}

func TestAsType(t *testing.T) {
	_, open := os.Open("a file that is not there")
	list := []error{nil, codeError(1), asError{}, open}
	for _, e := range list[1:] {
		list = append(list, fmt.Errorf("x: %w", e), &wrapError{e}, fmt.Errorf("%w and %w", fs.ErrExist, e), errors.Join(open, nil, e))
	}
	list = append(list, &wrapError{}, errors.Join(&wrapError{}, codeError(5)))
	for _, e := range list {
		same(t, "AsType[codeError]", pair(plainerrors.AsType[codeError](e)), pair(errors.AsType[codeError](e)))
		same(t, "AsType[*wrapError]", pair(plainerrors.AsType[*wrapError](e)), pair(errors.AsType[*wrapError](e)))
		same(t, "AsType[*fs.PathError]", pair(plainerrors.AsType[*fs.PathError](e)), pair(errors.AsType[*fs.PathError](e)))
		same(t, "AsType[timeouter]", pair(plainerrors.AsType[timeouter](e)), pair(errors.AsType[timeouter](e)))
	}
}

func pair[T any](v T, ok bool) string { return fmt.Sprintf("%#v %t", any(v), ok) }

func TestReflect(t *testing.T) {
	same(t, "TypeFor[error]", plainreflect.TypeFor[error]() == reflect.TypeFor[error](), true)
	same(t, "TypeFor[days]", plainreflect.TypeFor[days]() == reflect.TypeFor[days](), true)
	var err error = codeError(3)
	for _, v := range []reflect.Value{reflect.ValueOf(3), reflect.ValueOf(err), reflect.ValueOf(&err).Elem(), reflect.ValueOf([]error{nil}).Index(0)} {
		same(t, "TypeAssert[int]", pair(plainreflect.TypeAssert[int](v)), pair(reflect.TypeAssert[int](v)))
		same(t, "TypeAssert[error]", pair(plainreflect.TypeAssert[error](v)), pair(reflect.TypeAssert[error](v)))
		same(t, "TypeAssert[codeError]", pair(plainreflect.TypeAssert[codeError](v)), pair(reflect.TypeAssert[codeError](v)))
		same(t, "TypeAssert[any]", pair(plainreflect.TypeAssert[any](v)), pair(reflect.TypeAssert[any](v)))
	}
	if v, ok := outcome(func() any { return pair(plainreflect.TypeAssert[int](reflect.Value{})) }).([]any); !ok {
		t.Errorf("TypeAssert of no value = %v, want a panic", v)
	}
}

func TestUnique(t *testing.T) {
	a, b := plainunique.Make(point{1, "a"}), plainunique.Make(point{1, "a"})
	same(t, "equal", a == b, true)
	same(t, "equal", a == plainunique.Make(point{2, "a"}), false)
	same(t, "value", a.Value(), point{1, "a"})
	var zero plainunique.Handle[int]
	same(t, "zero handle", zero == plainunique.Make(0), false)
	same(t, "interfaces", plainunique.Make(any(1)) == plainunique.Make(any(1.0)), false)
	same(t, "keys", len(map[plainunique.Handle[point]]bool{a: true, b: true}), 1)
}

func TestMaphash(t *testing.T) {
	type inner struct {
		A any
		B [2]float64
		_ int
		C complex64
	}
	seed := maphash.MakeSeed()
	x := new(int)
	values := []any{
		nil, 0, 1, int8(1), uint8(1), true, false, "", "a", "ab", 1.5, float32(1.5), point{1, "a"}, point{1, "b"}, word("a"),
		x, new(int), [2]string{"a", "b"}, [2]string{"ab", ""}, inner{A: 1}, inner{A: "1"}, inner{C: 1i}, make(chan int), math.Inf(1),
	}
	for i, v := range values {
		for j, w := range values {
			a, b := plainmaphash.Comparable(seed, v), plainmaphash.Comparable(seed, w)
			if (a == b) != (i == j) {
				t.Errorf("hash of %#v is %d, of %#v %d", v, a, w, b)
			}
		}
	}
	zero := math.Copysign(0, -1)
	same(t, "zeros", plainmaphash.Comparable(seed, inner{B: [2]float64{zero, 0}}), plainmaphash.Comparable(seed, inner{B: [2]float64{0, zero}}))
	same(t, "NaN", plainmaphash.Comparable(seed, math.NaN()) == plainmaphash.Comparable(seed, math.NaN()), false)
	same(t, "seeds", plainmaphash.Comparable(seed, 1) == plainmaphash.Comparable(maphash.MakeSeed(), 1), false)
	var h maphash.Hash
	h.SetSeed(seed)
	plainmaphash.WriteComparable(&h, point{1, "a"})
	same(t, "WriteComparable", h.Sum64(), plainmaphash.Comparable(seed, point{1, "a"}))
	if v, ok := outcome(func() any { return plainmaphash.Comparable(seed, any([]int{})) }).([]any); !ok {
		t.Errorf("hash of a slice = %v, want a panic", v)
	}
}

func TestKeys(t *testing.T) {
	r := random()
	data := func() []byte {
		b := make([]byte, r.IntN(100))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return slices.Clip(b)
	}
	both := func(what string, a []byte, errA error, b []byte, errB error) {
		t.Helper()
		if !bytes.Equal(a, b) || (errA == nil) != (errB == nil) {
			t.Fatalf("%s = %x, %v; want %x, %v", what, a, errA, b, errB)
		}
	}
	for _, h := range []func() hash.Hash{sha1.New, sha512.New} {
		size := h().Size()
		for range 50 {
			secret, salt, info := data(), data(), string(data())
			n := r.IntN(5 * size)
			a, errA := plainhkdf.Extract(h, secret, salt)
			b, errB := hkdf.Extract(h, secret, salt)
			both("Extract", a, errA, b, errB)
			a, errA = plainhkdf.Expand(h, secret, info, n)
			b, errB = hkdf.Expand(h, secret, info, n)
			both("Expand", a, errA, b, errB)
			a, errA = plainhkdf.Key(h, secret, nil, info, n)
			b, errB = hkdf.Key(h, secret, nil, info, n)
			both("Key", a, errA, b, errB)
			iterations := r.IntN(5)
			a, errA = plainpbkdf2.Key(h, info, salt, iterations, n)
			b, errB = pbkdf2.Key(h, info, salt, iterations, n)
			both("pbkdf2.Key", a, errA, b, errB)
		}
		for _, n := range []int{255 * size, 255*size + 1} {
			a, errA := plainhkdf.Key(h, nil, nil, "", n)
			b, errB := hkdf.Key(h, nil, nil, "", n)
			both("Key", a, errA, b, errB)
		}
	}
}

// nulls scans a value with both and compares what becomes of it.
func nulls[T any](t *testing.T, value any) {
	t.Helper()
	var a plainsql.Null[T]
	var b sql.Null[T]
	errA, errB := a.Scan(value), b.Scan(value)
	what := fmt.Sprintf("Null[%s].Scan(%#v)", reflect.TypeFor[T](), value)
	if (errA == nil) != (errB == nil) {
		t.Errorf("%s: error %v, want %v", what, errA, errB)
		return
	}
	if errB == nil && fmt.Sprintf("%#v", a.V) != fmt.Sprintf("%#v", b.V) {
		if reflect.TypeFor[T]().Kind() != reflect.Pointer || !reflect.DeepEqual(a.V, b.V) {
			t.Errorf("%s: %#v, want %#v", what, a.V, b.V)
		}
	}
	if a.Valid != b.Valid {
		t.Errorf("%s: valid %t, want %t", what, a.Valid, b.Valid)
	}
	x, errX := a.Value()
	y, errY := b.Value()
	if (errX == nil) != (errY == nil) || !alike(x, y) && reflect.TypeFor[T]().Kind() != reflect.Pointer {
		t.Errorf("%s: value %#v, %v; want %#v, %v", what, x, errX, y, errY)
	}
}

func TestNull(t *testing.T) {
	values := []any{
		nil, true, false, int64(0), int64(1), int64(-3), int64(300), int64(math.MaxInt64), 1.0, 2.5, -1e300, math.NaN(),
		"", "12", "-7", "2.5", "true", "text", []byte("12"), []byte(nil), []byte("t"), time.Unix(1e9, 5).UTC(), int32(7), word("w"), 'x', point{1, "a"},
	}
	for _, v := range values {
		nulls[string](t, v)
		nulls[word](t, v)
		nulls[bool](t, v)
		nulls[int](t, v)
		nulls[int8](t, v)
		nulls[int64](t, v)
		nulls[uint16](t, v)
		nulls[float64](t, v)
		nulls[float32](t, v)
		nulls[celsius](t, v)
		nulls[time.Time](t, v)
		nulls[time.Duration](t, v)
		nulls[[]byte](t, v)
		nulls[any](t, v)
		nulls[*int](t, v)
		nulls[sql.NullString](t, v)
		nulls[point](t, v)
	}
	source := []byte("abc")
	var n plainsql.Null[[]byte]
	if err := n.Scan(source); err != nil {
		t.Fatal(err)
	}
	source[0] = 'x'
	same(t, "scanned", string(n.V), "abc")
}
