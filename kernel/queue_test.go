package kernel

import (
	"bytes"
	"context"
	"reflect"
	"testing"
	"time"

	"swingby/kernel/wire"
)

func TestQueueIsBounded(t *testing.T) {
	q := newQueue()
	ctx, cancel := context.WithCancel(context.Background())
	big := &request{Message: &wire.Message{Buffers: [][]byte{bytes.Repeat([]byte("x"), maxQueuedBytes/2)}}}
	q.push(ctx, big)
	q.push(ctx, big)
	pushed := make(chan struct{})
	go func() {
		q.push(ctx, big)
		close(pushed)
	}()
	select {
	case <-pushed:
		t.Error("a third half fits")
	case <-time.After(20 * time.Millisecond):
	}
	if got := q.pop(ctx); !reflect.DeepEqual(got, big) {
		t.Error("pop gives something else")
	}
	<-pushed
	cancel()
	if q.pop(ctx) != nil {
		t.Error("pop after the end")
	}
}
