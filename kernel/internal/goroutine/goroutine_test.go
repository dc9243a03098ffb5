package goroutine

import "testing"

func TestID(t *testing.T) {
	mine := ID()
	if mine <= 0 || ID() != mine {
		t.Fatalf("ID() is %d, then %d", mine, ID())
	}
	other := make(chan int64)
	go func() { other <- ID() }()
	if id := <-other; id <= 0 || id == mine {
		t.Errorf("another goroutine has ID %d, this one %d", id, mine)
	}
}
