package worker

import (
	"context"
	"fmt"
	"os"
)

// A session survives its cells, and its parent survives the session.
func Example() {
	self, err := os.Executable()
	if err != nil {
		fmt.Println(err)
		return
	}
	w, err := Start(Options{
		Command: []string{self}, // a program that calls Serve, by default "swingby worker"
		Env:     append(os.Environ(), envChild+"=real"),
		Output: func(ev Event) {
			if ev.Stream != "" {
				fmt.Printf("[%d] %s: %s", ev.Count, ev.Stream, ev.Text)
			}
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer w.Close()

	ctx := context.Background()
	for i, code := range []string{
		`x := 20`,
		`fmt.Println("twice:", 2*x)`,
		`x + undefined`,
		`go func() { var mu sync.Mutex; mu.Unlock() }(); select {}`,
	} {
		reply, err := w.Execute(ctx, ExecuteRequest{Code: code, Count: i + 1})
		switch {
		case err != nil:
			fmt.Println(err)
		case reply.Status == "error":
			fmt.Println(reply.Error.Name)
		default:
			fmt.Println(reply.Status)
		}
	}
	// Output:
	// ok
	// [2] stdout: twice: 40
	// ok
	// compile error
	// worker: the process ended: fatal error: sync: unlock of unlocked mutex
}
