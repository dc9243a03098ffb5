package worker

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"swingby/kernel/cell"
	"swingby/kernel/display"
)

// The test binary is its own worker: with this variable set it serves a session
// instead of running tests: "real" the interpreter, "script" the script below,
// "parent" a parent that starts a worker and waits to be killed.
const envChild = "SWINGBY_WORKER_TEST"

func TestMain(m *testing.M) {
	var err error
	switch os.Getenv(envChild) {
	case "":
		stopWithin = hangs // what does not stop on a busy machine is no fault
		os.Exit(m.Run())
	case "real":
		err = Serve()
	case "script":
		err = serve(func(cfg cell.Config) (session, error) {
			return &script{in: bufio.NewReader(cfg.Stdin), stdin: cfg.Stdin}, nil
		})
	case "broken":
		err = serve(func(cell.Config) (session, error) { return nil, errors.New("no interpreter today") })
	case "garbage":
		var conn io.WriteCloser
		if conn, err = dialParent(os.Getenv(envSocket)); err == nil {
			io.WriteString(conn, "\x00\x00\x00\x05hello")
			time.Sleep(time.Minute)
		}
	case "closed":
		var conn io.WriteCloser
		if conn, err = dialParent(os.Getenv(envSocket)); err == nil {
			conn.Close()
			time.Sleep(time.Minute)
		}
	case "sleep":
		time.Sleep(time.Minute)
	case "parent":
		err = beParent()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A script is a session in which a cell is the name of one of these functions and an
// argument. They do what compiled code called by cells may do.
type script struct {
	in    *bufio.Reader
	stdin io.Reader
}

var scripts map[string]func(s *script, ctx context.Context, arg string) (cell.Result, error)

var mapWritten = map[int]int{}

type badString struct{}

func (badString) String() string { panic("no text today") }

type slowString struct{}

func (slowString) String() string { select {} }

func recurse(n int, a [64]int) int {
	if n < 0 { // never
		return 0
	}
	a[n%64] = n
	return recurse(n+1, a) + a[(n+1)%64]
}

func spin() {
	for i := 0; i >= 0; i++ { // as good as for ever
	}
}

func value(v any) (cell.Result, error) {
	return cell.Result{Values: []any{v}, Types: []string{fmt.Sprintf("%T", v)}}, nil
}

func shown(text string) {
	display.Show(display.Markdown(text))
}

func init() {
	none := cell.Result{}
	scripts = map[string]func(*script, context.Context, string) (cell.Result, error){
		"value": func(_ *script, _ context.Context, arg string) (cell.Result, error) { return value(arg) },
		"bad":   func(*script, context.Context, string) (cell.Result, error) { return value(badString{}) },
		"slow":  func(*script, context.Context, string) (cell.Result, error) { return value(slowString{}) },
		"html":  func(_ *script, _ context.Context, arg string) (cell.Result, error) { return value(display.HTML(arg)) },
		"number": func(*script, context.Context, string) (cell.Result, error) {
			return value(display.JSON(int64(1)<<62 + 1))
		},
		"large": func(_ *script, _ context.Context, arg string) (cell.Result, error) {
			n, _ := strconv.Atoi(arg)
			return value(display.HTML(strings.Repeat("é", n/2)))
		},
		"out": func(_ *script, _ context.Context, arg string) (cell.Result, error) { fmt.Print(arg); return none, nil },
		"err": func(_ *script, _ context.Context, arg string) (cell.Result, error) {
			os.Stderr.WriteString(arg)
			return none, nil
		},
		"fail": func(_ *script, _ context.Context, arg string) (cell.Result, error) {
			return none, &cell.Error{Name: "compile error", Message: arg, Traceback: []string{"line", arg}}
		},
		"panic": func(_ *script, _ context.Context, arg string) (cell.Result, error) { panic(arg) },
		"order": func(*script, context.Context, string) (cell.Result, error) {
			for i := range 50 {
				fmt.Printf("out %d\n", i)
				shown(fmt.Sprintf("first %d", i))
				println("err", i)
				shown(fmt.Sprintf("second %d", i))
			}
			fmt.Print("end")
			return value("done")
		},
		"lines": func(_ *script, _ context.Context, arg string) (cell.Result, error) {
			n, _ := strconv.Atoi(arg)
			for i := range n {
				fmt.Println("line", i)
			}
			return none, nil
		},
		"errlines": func(_ *script, _ context.Context, arg string) (cell.Result, error) {
			n, _ := strconv.Atoi(arg)
			for i := range n {
				println("line", i, "runtime")
			}
			return none, nil
		},
		"compiled": func(*script, context.Context, string) (cell.Result, error) {
			os.Stdout.Write([]byte("write\n"))
			rawWrite(1, "raw\n")
			println("println")
			rawWrite(2, "raw\n")
			cmd := exec.Command(os.Args[0], "-test.run=^$")
			cmd.Env = []string{envChild + "=nothing"}
			cmd.Stdout = os.Stdout
			if out := cmd.Run(); out != nil {
				return none, out
			}
			return none, nil
		},
		"flood": func(_ *script, ctx context.Context, arg string) (cell.Result, error) {
			// Long writes with characters of several bytes, while this goroutine shows things.
			stop, gone := make(chan bool), make(chan bool)
			go func() {
				defer close(gone)
				text := []byte(strings.Repeat("äöü…😀", 3000) + "\n")
				for {
					select {
					case <-stop:
						return
					default:
						os.Stdout.Write(text)
					}
				}
			}()
			for i := range 100 {
				shown(strconv.Itoa(i))
			}
			close(stop)
			<-gone
			return none, nil
		},
		"background": func(*script, context.Context, string) (cell.Result, error) {
			go func() {
				for i := range 20 {
					time.Sleep(2 * time.Millisecond)
					fmt.Println("later", i)
					shown(fmt.Sprintf("later %d", i))
				}
			}()
			return none, nil
		},
		"displays": func(_ *script, _ context.Context, arg string) (cell.Result, error) {
			n, _ := strconv.Atoi(arg)
			for i := range n {
				shown(strconv.Itoa(i))
			}
			return none, nil
		},
		"display": func(_ *script, _ context.Context, arg string) (cell.Result, error) {
			n, _ := strconv.Atoi(arg)
			shown(strings.Repeat("x", n))
			return none, nil
		},
		"flow": func(s *script, _ context.Context, _ string) (cell.Result, error) {
			f := &s.stdin.(*stdin).server.flow
			f.mu.Lock()
			defer f.mu.Unlock()
			return value(fmt.Sprintf("%d of %d bytes", f.count, f.bytes))
		},
		"badjson": func(s *script, _ context.Context, _ string) (cell.Result, error) {
			s.stdin.(*stdin).server.publish(display.Event{Kind: "display", Bundle: display.Bundle{
				Data: map[string]any{"application/json": make(chan int)},
			}})
			return none, nil
		},
		"close": func(*script, context.Context, string) (cell.Result, error) {
			fmt.Println("before")
			os.Stdout.Close()
			os.Stderr.Close()
			shown("shown")
			return value("closed")
		},
		"wait": func(_ *script, ctx context.Context, _ string) (cell.Result, error) {
			<-ctx.Done()
			return none, &cell.Error{Name: "interrupted", Message: "interrupted"}
		},
		"stuck": func(_ *script, ctx context.Context, _ string) (cell.Result, error) { select {} },
		"spin": func(_ *script, ctx context.Context, _ string) (cell.Result, error) {
			for range runtime.NumCPU() {
				go spin()
			}
			spin()
			return none, nil
		},
		"read": func(s *script, _ context.Context, _ string) (cell.Result, error) {
			fmt.Print("name? ")
			line, err := s.in.ReadString('\n')
			if err != nil {
				return none, err
			}
			return value(line)
		},
		"scan": func(s *script, _ context.Context, _ string) (cell.Result, error) {
			var a string
			_, err := fmt.Fscan(s.stdin, &a)
			if err != nil {
				return none, err
			}
			return value(a)
		},
		"password": func(s *script, _ context.Context, _ string) (cell.Result, error) {
			line, err := s.stdin.(interface {
				Prompt(string, bool) (string, error)
			}).Prompt("Password: ", true)
			if err != nil {
				return none, err
			}
			return value(line)
		},
		"env": func(_ *script, _ context.Context, arg string) (cell.Result, error) { return value(os.Getenv(arg)) },
		"dir": func(*script, context.Context, string) (cell.Result, error) { d, _ := os.Getwd(); return value(d) },
		"rss": func(*script, context.Context, string) (cell.Result, error) {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			return value(strconv.FormatUint(m.Sys-m.HeapReleased, 10))
		},

		// Ways to die.
		"exit": func(_ *script, _ context.Context, arg string) (cell.Result, error) {
			n, _ := strconv.Atoi(arg)
			fmt.Fprintln(os.Stderr, "leaving")
			os.Exit(n)
			return none, nil
		},
		"goroutine": func(_ *script, _ context.Context, arg string) (cell.Result, error) {
			fmt.Println("about to")
			os.Stderr.WriteString("an ordinary text" + arg)
			go func() { panic("boom\nsecond line") }()
			select {}
		},
		"parting": func(*script, context.Context, string) (cell.Result, error) {
			go func() { panic("shortly after") }()
			return value("returned")
		},
		"nil": func(*script, context.Context, string) (cell.Result, error) {
			go func() {
				var p *int
				*p = 1
			}()
			select {}
		},
		"overflow": func(*script, context.Context, string) (cell.Result, error) {
			recurse(0, [64]int{})
			return none, nil
		},
		"maps": func(*script, context.Context, string) (cell.Result, error) {
			var wg sync.WaitGroup
			for g := range 8 {
				wg.Go(func() {
					for i := 0; ; i++ {
						mapWritten[i%100*8+g] = i
					}
				})
			}
			wg.Wait()
			return none, nil
		},
		"memory": func(*script, context.Context, string) (cell.Result, error) {
			debug.SetMemoryLimit(1 << 62)
			var all [][]byte
			for range 10 { // more than there are addresses
				all = append(all, make([]byte, 1<<44))
			}
			return value(len(all))
		},
		"unlock": func(*script, context.Context, string) (cell.Result, error) {
			var mu sync.Mutex
			mu.Unlock()
			return none, nil
		},
		"kill": func(*script, context.Context, string) (cell.Result, error) {
			fmt.Print("last words")
			p, _ := os.FindProcess(os.Getpid())
			p.Kill()
			select {}
		},
		"quit": func(*script, context.Context, string) (cell.Result, error) {
			p, _ := os.FindProcess(os.Getpid())
			p.Signal(syscall.SIGQUIT)
			select {}
		},
		"midline": func(*script, context.Context, string) (cell.Result, error) {
			begun := make(chan bool)
			go func() {
				<-begun
				panic("in the middle")
			}()
			for i := 0; ; i++ {
				fmt.Println("line", i)
				if i == 100 {
					close(begun)
				}
			}
		},
		"heir": func(*script, context.Context, string) (cell.Result, error) {
			// A process that outlives the worker and holds its pipes.
			cmd := exec.Command(os.Args[0])
			cmd.Env = []string{envChild + "=sleep"}
			cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
			heir(cmd)
			if err := cmd.Start(); err != nil {
				return none, err
			}
			fmt.Println("pid", cmd.Process.Pid)
			os.Exit(5)
			return none, nil
		},
	}
}

func (s *script) Execute(ctx context.Context, count int, src string) (cell.Result, error) {
	name, arg, _ := strings.Cut(src, " ")
	f := scripts[name]
	if f == nil {
		return cell.Result{}, fmt.Errorf("no script %q", name)
	}
	return f(s, ctx, arg)
}

func (s *script) Eval(ctx context.Context, expr string) (cell.Result, error) {
	return s.Execute(ctx, 0, expr)
}

// Complete replaces the word before the cursor.
func (s *script) Complete(src string, cursor int) cell.Completion {
	if src == "panic" {
		panic("in Complete")
	}
	start := strings.LastIndexByte(src[:cursor], ' ') + 1
	return cell.Completion{Start: start, End: cursor, Matches: []cell.Match{
		{Text: src[start:cursor] + "!", Kind: "function", Signature: "func()"},
	}}
}

func (s *script) Inspect(src string, cursor, detail int) (plain, markdown string, ok bool) {
	return src[:cursor], "**" + strconv.Itoa(detail) + "**", cursor > 0
}

func (s *script) IsComplete(src string) (status, indent string) {
	if strings.HasSuffix(src, "{") {
		return "incomplete", "\t"
	}
	return "complete", ""
}

// beParent starts a worker that spins, says its process id and waits.
func beParent() error {
	os.Setenv(envChild, "script")
	w, err := Start(Options{})
	if err != nil {
		return err
	}
	<-w.Ready()
	go w.Execute(context.Background(), ExecuteRequest{Code: os.Getenv("SCRIPT")})
	time.Sleep(100 * time.Millisecond)
	fmt.Println(w.PID())
	time.Sleep(time.Minute)
	return nil
}
