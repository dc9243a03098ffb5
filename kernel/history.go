package kernel

import (
	"regexp"
	"strings"
	"sync"
)

// historyEntry is one cell that was run with store_history.
type historyEntry struct {
	Session int
	Line    int
	Input   string
	Output  *string // its result as text; nil for none
}

// maxHistory bounds the bytes of inputs and outputs that memoryHistory keeps, maxHistoryOutput those of one output.
const (
	maxHistory       = 32 << 20
	maxHistoryOutput = 100 << 10
)

// memoryHistory remembers the cells of this kernel, which is its session number 1.
type memoryHistory struct {
	mu      sync.Mutex
	entries []historyEntry
	size    int
}

func (e *historyEntry) size() int {
	n := len(e.Input) + 64
	if e.Output != nil {
		n += len(*e.Output)
	}
	return n
}

// thisSession is the number of the session that runs.
const thisSession = 1

func (h *memoryHistory) add(e historyEntry) {
	e.Session = thisSession
	if e.Output != nil && len(*e.Output) > maxHistoryOutput {
		cut := strings.ToValidUTF8((*e.Output)[:maxHistoryOutput], "") + " …"
		e.Output = &cut
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.entries = append(h.entries, e)
	h.size += e.size()
	for h.size > maxHistory && len(h.entries) > 1 {
		h.size -= h.entries[0].size()
		h.entries = h.entries[1:]
	}
}

// last returns the last n entries that keep accepts.
func (h *memoryHistory) last(n int, unique bool, keep func(*historyEntry) bool) []historyEntry {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []historyEntry
	seen := make(map[string]bool)
	for i := len(h.entries) - 1; i >= 0 && (n < 0 || len(out) < n); i-- {
		e := h.entries[i]
		if !keep(&e) || unique && seen[e.Input] {
			continue
		}
		seen[e.Input] = true
		out = append(out, e)
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// tail returns the last n cells, oldest first.
func (h *memoryHistory) tail(n int) []historyEntry {
	return h.last(n, false, func(*historyEntry) bool { return true })
}

// between returns the cells start ≤ line < stop of a session; stop < 0 means to the end. Session 0 is the one
// that runs, and negative ones count back from it.
func (h *memoryHistory) between(session, start, stop int) []historyEntry {
	if session <= 0 {
		session += thisSession
	}
	return h.last(-1, false, func(e *historyEntry) bool {
		return e.Session == session && e.Line >= start && (stop < 0 || e.Line < stop)
	})
}

// search returns the last n cells whose whole input matches a pattern with *, ? and [sets], oldest first; n < 0 means all.
// With unique each input comes once, where it was last run.
func (h *memoryHistory) search(pattern string, n int, unique bool) []historyEntry {
	re := glob(pattern)
	return h.last(n, unique, func(e *historyEntry) bool { return re.MatchString(e.Input) })
}

// glob compiles a pattern with *, ? and [sets], all of which match line ends as well. A [ that no ] follows is itself.
func glob(pattern string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; c {
		case '*':
			b.WriteString(".*")
		case '?':
			b.WriteString(".")
		case '[':
			set, n := globSet(pattern[i:])
			b.WriteString(set)
			i += n - 1
		default:
			if c < 0x80 {
				b.WriteString(regexp.QuoteMeta(string(rune(c))))
			} else {
				b.WriteByte(c)
			}
		}
	}
	b.WriteString(`\z`)
	re, err := regexp.Compile(b.String())
	if err != nil { // a range that runs backwards, or bytes that are no text: match it literally
		return regexp.MustCompile(`\A` + regexp.QuoteMeta(strings.ToValidUTF8(pattern, "")) + `\z`)
	}
	return re
}

// globSet translates the set at the start of p and returns how many bytes it took.
func globSet(p string) (set string, n int) {
	i := 1
	negate := i < len(p) && (p[i] == '^' || p[i] == '!')
	if negate {
		i++
	}
	end := strings.IndexByte(p[min(i+1, len(p)):], ']') // a ] in the first place is an element
	if end < 0 {
		return `\[`, 1
	}
	end += i + 1
	body := strings.NewReplacer(`\`, `\\`, `]`, `\]`, `[`, `\[`, `^`, `\^`).Replace(p[i:end])
	if negate {
		return "[^" + body + "]", end + 1
	}
	return "[" + body + "]", end + 1
}

// historyRequest is the content of a history_request.
type historyRequest struct {
	Output  bool     `json:"output"`
	Raw     bool     `json:"raw"` // all there is
	Type    string   `json:"hist_access_type"`
	Session optional `json:"session"`
	Start   optional `json:"start"`
	Stop    optional `json:"stop"`
	N       optional `json:"n"`
	Pattern string   `json:"pattern"`
	Unique  bool     `json:"unique"`
}

func (k *kernel) handleHistory(r *request) {
	var req historyRequest
	if err := r.decode(&req); err != nil {
		k.replyError(r, err)
		return
	}
	var entries []historyEntry
	switch req.Type {
	case "tail":
		entries = k.history.tail(req.N.or(10))
	case "range":
		entries = k.history.between(req.Session.or(0), req.Start.or(1), req.Stop.or(-1))
	case "search":
		if req.Pattern == "" {
			req.Pattern = "*"
		}
		entries = k.history.search(req.Pattern, req.N.or(-1), req.Unique)
	default:
		k.replyError(r, &requestError{"kernel: hist_access_type " + quote(req.Type) + ` is unknown, want "tail", "range" or "search"`})
		return
	}
	history := make([][3]any, 0, len(entries))
	for _, e := range entries {
		var text any = e.Input
		if req.Output {
			text = [2]any{e.Input, e.Output}
		}
		history = append(history, [3]any{e.Session, e.Line, text})
	}
	k.reply(r, object{"status": "ok", "history": history}, nil)
}
